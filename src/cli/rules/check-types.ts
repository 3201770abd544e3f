import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { about, type Finding } from "../check/finding.ts";
import { isOwnCode, nameFile, ROOT } from "./load-rules.ts";

/**
 * What the TypeScript compiler says of a rules.ts and of the files it imports, except for the router's own; null when there
 * is no compiler. Node only strips the types, and wrangler does not look at them either.
 */
export async function checkTypes(path: string): Promise<readonly Finding[] | null> {
  const folder = await mkdtemp(join(tmpdir(), "lead-router-rules-"));
  try {
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(configFor(path)));
    const output = await compile(folder);
    return output === null ? null : readDiagnostics(output, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function configFor(path: string) {
  return {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: {
      typeRoots: [join(ROOT, "node_modules")],
      paths: { "lead-router": [join(ROOT, "src/rules/index.ts")] },
      // An unused name is no fault of the rules; the check itself reports an unused pod, and says more.
      noUnusedLocals: false,
      noUnusedParameters: false,
    },
    files: [path],
    include: [],
  };
}

function compile(folder: string): Promise<string | null> {
  const { promise, resolve: done } = Promise.withResolvers<string | null>();
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const args = [tsc, "--project", folder, "--pretty", "false"];
  // 1 and 2 are tsc's for "there are errors".
  execFile(process.execPath, args, { cwd: folder }, (error, stdout) =>
    done(error === null || error.code === 1 || error.code === 2 ? stdout : null),
  );
  return promise;
}

function readDiagnostics(output: string, folder: string): readonly Finding[] | null {
  const lines = [
    ...output.matchAll(/^(?<file>\S.*)\((?<line>\d+),(?<column>\d+)\): error (?<text>.+)$/gm),
  ];
  // Errors that name no place are about the compiler's own set-up.
  if (lines.length === 0 && output.trim() !== "") return null;
  return lines.flatMap(({ groups = {} }): readonly Finding[] => {
    const { file = "", line = "", column = "", text = "" } = groups;
    const path = resolve(folder, file);
    if (isOwnCode(path)) return [];
    return [
      {
        ...about("error", "does_not_compile"),
        at: `${nameFile(path)}:${line}:${column}`,
        says: text.replace(/^(?<code>TS\d+): (?<message>.*)$/, "$<message> ($<code>)"),
        advice: "Fix this line, then run `npm run check` again.",
      },
    ];
  });
}
