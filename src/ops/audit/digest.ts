import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalJson } from "../../rules/chain.ts";

// The chain of digests. Each link is SHA-256, as hex, of the link before, a newline, and lines that end in a newline each: so
// that `{ echo "$previous"; cat lines; } | sha256sum` makes it again. One link per commit, and one that closes the day.
// Between any two links the whole state is 64 letters, so a day can be hashed in as many goes as it takes.

/** What the first link of all follows. */
export const FIRST_PREVIOUS = "0".repeat(64);

/** The link after one more commit: over its own line and those of its rows. */
export async function linkDigest(previous: string, lines: readonly string[]): Promise<string> {
  const text = utf8ToBytes(`${previous}\n${lines.map((line) => `${line}\n`).join("")}`);
  return bytesToHex(new Uint8Array(await crypto.subtle.digest("SHA-256", text)));
}

/** The links over several commits, one after the other; yields the last. */
export async function linkCommits(
  previous: string,
  commits: readonly { readonly lines: readonly string[] }[],
): Promise<string> {
  let state = previous;
  for (const { lines } of commits) state = await linkDigest(state, lines);
  return state;
}

/** What a closed day says of itself, beside its digest. */
export interface ClosedDay {
  /** UTC: YYYY-MM-DD. */
  readonly day: string;
  /** The number of its first commit. */
  readonly firstNo: number;
  /** The number of its last commit; `firstNo` - 1 where it has none. */
  readonly lastNo: number;
  /** Decisions and events that its commits name. */
  readonly rows: number;
  /** The digest of the day before; of the first day {@link FIRST_PREVIOUS}. */
  readonly previous: string;
  /** When it was closed, milliseconds since the epoch. */
  readonly at: number;
}

/** The day's digest: the link over the day's own row, so that nothing of that can be changed either. */
export function closeDigest(
  state: string,
  { day, firstNo, lastNo, rows, previous, at }: ClosedDay,
): Promise<string> {
  const line = { table: "digests", day, first_no: firstNo, last_no: lastNo, rows, previous, at };
  return linkDigest(state, [canonicalJson(line)]);
}

/** Lines of the audit commit by commit, as {@link linkDigest} takes them. Throws where they do not begin with a commit. */
export function splitByCommit(lines: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (const line of lines) {
    const parsed: unknown = JSON.parse(line);
    const begins =
      typeof parsed === "object" &&
      parsed !== null &&
      "table" in parsed &&
      parsed.table === "commits";
    if (begins) parts.push([line]);
    else if (parts.length === 0) throw new Error("lines of the audit begin with that of a commit");
    else parts.at(-1)?.push(line);
  }
  return parts;
}
