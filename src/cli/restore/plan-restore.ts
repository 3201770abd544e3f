import type { Environment } from "../deploy/environment.ts";

/** What a restore does, in order. */
export type RestoreStep =
  | {
      readonly kind: "look" | "pause" | "go_back" | "migrate" | "resume";
      readonly says: string;
      /** Arguments of wrangler. */
      readonly command: readonly string[];
    }
  | { readonly kind: "wait"; readonly says: string; readonly seconds: number }
  | { readonly kind: "ask" | "rebuild" | "verify"; readonly says: string; readonly path: string };

/**
 * How long the passes that are under way when delivery is paused get to end. A pass takes seconds; a call to Slack or to a
 * receiver at most 10 (FETCH_LIMIT_MS in src/platform.ts), and a query of D1 at most 30. What outlives it is refused by the epoch.
 */
const WAIT_SECONDS = 60;

export const REBUILD_PATH = "/api/pods/rebuild";
export const VERIFY_PATH = "/api/health/consistency";

/**
 * Delivery is paused before the database goes back: a pass between the restore and the new epoch would draw from pods that
 * count what is gone. Leads are taken in all the while. A queue rests with what it holds: its messages are good in any epoch.
 * @param to null = the database was set back already, and what follows is left to do
 */
export function planRestore(
  { database, queues, flag }: Environment,
  to: string | null,
): readonly RestoreStep[] {
  const delivery = (kind: "pause" | "resume"): RestoreStep[] =>
    queues.map((queue) => ({
      kind,
      says: `${kind} delivery of the queue ${queue}`,
      command: ["queues", `${kind}-delivery`, queue, flag],
    }));
  return [
    ...(to === null ? [] : [look(to, flag)]),
    {
      kind: "ask",
      says: "ask the router which it is, with a token that may write",
      path: REBUILD_PATH,
    },
    ...delivery("pause"),
    { kind: "wait", says: "let what is under way end", seconds: WAIT_SECONDS },
    ...(to === null ? [] : [goBack(database.name, to, flag)]),
    {
      kind: "migrate",
      says: "bring the schema up to the code, should it have gone back too",
      command: ["d1", "migrations", "apply", "DB", "--remote", flag],
    },
    { kind: "rebuild", says: "begin an epoch and have the pods count anew", path: REBUILD_PATH },
    { kind: "verify", says: "hold pods against decisions", path: VERIFY_PATH },
    ...delivery("resume"),
  ];
}

/** Fails where Time Travel does not reach, before anything was touched. */
function look(to: string, flag: string): RestoreStep {
  return {
    kind: "look",
    says: `look whether Time Travel reaches back to ${to}`,
    command: ["d1", "time-travel", "info", "DB", `--timestamp=${to}`, "--json", flag],
  };
}

function goBack(database: string, to: string, flag: string): RestoreStep {
  return {
    kind: "go_back",
    says: `set ${database} back to ${to}`,
    // Without --json wrangler asks a second time, and says in words alone how to undo it.
    command: ["d1", "time-travel", "restore", "DB", `--timestamp=${to}`, "--json", flag],
  };
}
