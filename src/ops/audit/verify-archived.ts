import { readArchivedAuditLines } from "../../archive/index.ts";
import type { Deps } from "../../ports/deps.ts";
import { isRecord } from "../../lib/json.ts";
import { splitByCommit } from "./digest.ts";
import { type CommitLines, readCommitLines } from "../../record/digest-lines.ts";
import type { CommitRange, ReadCommits } from "./verify-progress.ts";

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
  let parts = readArchivedAuditLines(deps, day, start);
  let ahead: readonly CommitLines[] = [];
  const unreadable: CommitRange[] = [];
  let archivedUpTo = start;

  async function readParts(afterNo: number, upToNo: number): Promise<void> {
    while (archivedUpTo < upToNo) {
      const { value } = await parts.next();
      if (value === undefined) return;
      const { firstNo, lastNo, lines } = value;
      ahead = ahead.filter(({ no }) => no > afterNo);
      if (lines === null) unreadable.push({ firstNo, lastNo });
      else ahead = ahead.concat(commitsOfLines(lines));
      archivedUpTo = lastNo;
    }
  }

  return async (afterNo, upToNo) => {
    await readParts(afterNo, upToNo);
    const from = Math.max(afterNo, archivedUpTo);
    const standing = from < upToNo ? await readCommitLines(deps.db, from, upToNo) : [];
    // The archive takes the lowest first: perhaps it took these since its parts were listed.
    if (from < upToNo && standing[0]?.no !== from + 1) {
      parts = readArchivedAuditLines(deps, day, from);
      await readParts(afterNo, upToNo);
    }
    return {
      commits: [
        ...ahead.filter(({ no }) => no > afterNo && no <= upToNo),
        ...standing.filter(({ no }) => no > archivedUpTo),
      ],
      unreadable: clip(unreadable, afterNo, upToNo),
    };
  };
}

/** What of these ranges lies in (afterNo, upToNo]. */
function clip(
  ranges: readonly CommitRange[],
  afterNo: number,
  upToNo: number,
): readonly CommitRange[] {
  return ranges
    .map(({ firstNo, lastNo }) => ({
      firstNo: Math.max(firstNo, afterNo + 1),
      lastNo: Math.min(lastNo, upToNo),
    }))
    .filter(({ firstNo, lastNo }) => firstNo <= lastNo);
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
