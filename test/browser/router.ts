import { randomBytes } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OFFLINE_AND_QUIET } from "../../demo/router.ts";
import { moveTo, readBlock } from "./documented.ts";

/** The router on workerd, with an empty database and the forms of docs/forms.md. */
export interface RunningRouter {
  /** Its origin. */
  readonly url: string;
  /** Calls the operations API; yields the parsed body. */
  callApi(method: string, path: string, body?: unknown): Promise<any>;
  /** Everything the worker logged so far, line by line. */
  readLog(): readonly string[];
}

const ROOT = join(import.meta.dirname, "../..");
/** What the worker is built from. */
const SOURCES = [
  "package.json",
  "tsconfig.json",
  "src",
  "migrations",
  "test/browser",
  "test/pipeline/failing-database.ts",
  "test/sample-rules.ts",
];
const RULES = `
import { moreForms } from "./test/browser/more-forms.ts";
import { forms as documented } from "./documented-forms.ts";
export { default } from "./test/sample-rules.ts";
export { sources } from "./documented-sources.ts";
export const forms = [...documented, ...moreForms];
`;
/** Starts the router for a site at this origin. What has to be closed in the end goes on `closing`, also when the start fails. */
export async function startRouter(
  site: string,
  closing: AsyncDisposableStack,
): Promise<RunningRouter> {
  Object.assign(process.env, OFFLINE_AND_QUIET);
  const { createTestHarness } = await import("wrangler");
  const root = copyProject(site);
  closing.defer(() => rmSync(root, { recursive: true, force: true }));
  const token = randomBytes(12).toString("hex");
  const harness = createTestHarness({
    root,
    workers: [{ configPath: "wrangler.toml", secrets: { API_TOKENS: `test:write:${token}` } }],
  });
  closing.defer(() => harness.close());
  const { url } = await harness.listen();
  await harness.getWorker<{ DB: D1Database }>().applyD1Migrations("DB");

  return {
    url: url.origin,
    async callApi(method, path, body) {
      const answer = await fetch(`${url.origin}/api${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return await answer.json();
    },
    readLog: () => harness.getLogs().map(({ message }) => message),
  };
}

/** The project in a fresh folder, with the rules.ts of docs/forms.md. Yields the folder. */
function copyProject(site: string): string {
  const folder = mkdtempSync(join(tmpdir(), "lead-router-browser-"));
  for (const source of SOURCES)
    cpSync(join(ROOT, source), join(folder, source), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "dir");
  const places = { router: "https://router.test", site };
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write("rules.ts", RULES);
  write("documented-forms.ts", moveTo(places, readBlock("ts forms")));
  write("documented-sources.ts", moveTo(places, readBlock("ts sources")));
  write("wrangler.toml", configure(readFileSync(join(ROOT, "wrangler.toml"), "utf8")));
  return folder;
}

/** One visitor posts all forms here: the limit of most is out of reach, that of one is near. */
function configure(config: string): string {
  const main = 'main = "src/index.ts"';
  const limit = /(?<=name = "FORMS"\n[^[]*limit = )\d+/;
  if (!config.includes(main) || !limit.test(config))
    throw new Error("wrangler.toml is not as this test knows it");
  const tight =
    '\n[[ratelimits]]\nname = "FORMS_TIGHT"\nnamespace_id = "5003"\nsimple = { limit = 2, period = 60 }\n';
  return config.replace(main, 'main = "test/browser/worker.ts"').replace(limit, "1000") + tight;
}
