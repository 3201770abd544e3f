import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the package, whose own code is never where a mistake in somebody's rules is. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url).href);

/** A file as it is called from here: "rules.ts". */
export function nameFile(path: string): string {
  return relative(process.cwd(), path);
}

/** Whether a path leads to the router's own code or to a package. */
export function isOwnCode(path: string): boolean {
  return path.startsWith(`${ROOT}src/`) || path.includes("/node_modules/");
}

/** Where an error comes from, of all that its stack names the first file that is the user's: "rules.ts:12:3". */
export function findPlace(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const places = (error.stack ?? "").matchAll(
    /(?<path>(?:file:\/\/)?\/[^\s()]+?\.[cm]?[jt]s)(?:\?[^\s:)]*)?:(?<line>\d+)(?<column>:\d+)?/g,
  );
  for (const { groups = {} } of places) {
    const { path = "", line = "", column = "" } = groups;
    const file = path.startsWith("file:") ? fileURLToPath(path) : path;
    if (!isOwnCode(file)) return `${nameFile(file)}:${line}${column}`;
  }
  return null;
}
