import { readArchivedAuditLines } from "../archive/read-audit.ts";
import type { Deps } from "../deps.ts";
import { isRecord } from "../json.ts";
import { splitByCommit } from "./digest.ts";
import { readCommitLines, type CommitLines } from "./digest-lines.ts";
import type { ReadCommits } from "./verify-progress.ts";

/**
 * Reads the commits of a day in their order wherever they are: those that the archive took from there, the others from D1. Holds
 * two parts of the archive at a time.
 * @param start the number of the last commit that is not wanted
 */
export function readAnywhere(
  deps: Pick<Deps, "db" | "archive">,
  day: string,
  start: number,
): ReadCommits {
  const parts = readArchivedAuditLines(deps, day, start);
  let ahead: readonly CommitLines[] = [];
  let archivedUpTo = start;
  let isEnd = false;
  return async (afterNo, upToNo) => {
    while (!isEnd && archivedUpTo < upToNo) {
      const { done, value } = await parts.next();
      isEnd = done === true;
      if (value === undefined) break;
      ahead = [...ahead.filter(({ no }) => no > afterNo), ...commitsOfLines(value.lines)];
      archivedUpTo = value.lastNo;
    }
    const archived = ahead.filter(({ no }) => no > afterNo && no <= upToNo);
    if (archivedUpTo >= upToNo) return archived;
    return [
      ...archived,
      ...(await readCommitLines(deps.db, Math.max(afterNo, archivedUpTo), upToNo)),
    ];
  };
}

/** Lines as the archive keeps them, commit by commit. Throws a SyntaxError where one is no JSON. */
function commitsOfLines(lines: readonly string[]): CommitLines[] {
  return splitByCommit(lines).map((part) => {
    const [commit = {}, ...named] = part.map(readLine);
    const no = Number(commit["no"]);
    const missing = named.flatMap((row) => ("missing" in row ? [String(row["missing"])] : []));
    const misnumbered = named
      .filter((row) => !("missing" in row) && row["commit_no"] !== no)
      .map((row) => JSON.stringify(keyOf(row)));
    return { no, at: Number(commit["at"]), lines: part, missing, misnumbered };
  });
}

function readLine(line: string): Readonly<Record<string, unknown>> {
  const row: unknown = JSON.parse(line);
  return isRecord(row) ? row : {};
}

function keyOf(row: Readonly<Record<string, unknown>>): readonly unknown[] {
  return row["table"] === "decisions"
    ? ["decision", row["lead_id"], row["generation"]]
    : ["event", row["subject_type"], row["subject_id"], row["id"]];
}
