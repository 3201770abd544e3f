import { withDeps } from "../../with-deps.ts";
import { apiApp } from "../../../src/ops/api/app.ts";
import type { JsonRecord } from "../../../src/lib/json.ts";
import { readRouter } from "../../../src/cli/rules/read-router.ts";
import type { RecordedWorld } from "./recorded-world.ts";

/** The lines of an export, read through the API of a world as the command reads them. */
export async function routerLines(
  world: RecordedWorld,
  from: number,
  until: number = world.now,
): Promise<JsonRecord[]> {
  const app = withDeps(apiApp(), world.deps);
  const lines: JsonRecord[] = [];
  const io = {
    now: () => world.now,
    fetch: async (url: string | URL | Request, init?: RequestInit) =>
      app.request(new URL(String(url)).href.replace("https://router.test/api", ""), init, {
        API_TOKENS: "rolf:read:read-token",
      }),
  };
  const address = { url: "https://router.test", token: "read-token" };
  const everything = { fields: null, company: true };
  for await (const line of readRouter(address, { from, until }, everything, io)) lines.push(line);
  return lines;
}
