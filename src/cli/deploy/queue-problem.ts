import { queueRole, type QueueRole } from "../../lib/queue.ts";

/** The queues of one environment, as wrangler.toml has them. */
export interface QueueSection {
  readonly producers: readonly { readonly binding: string; readonly queue: string }[];
  readonly consumers: readonly {
    readonly queue: string;
    readonly dead_letter_queue?: string | undefined;
  }[];
}

/** What the router sends by each of its bindings. */
const ROLE_OF_BINDING: ReadonlyMap<string, QueueRole> = new Map([
  ["LEADS", "leads"],
  ["NOTIFICATIONS", "notifications"],
  ["DELIVERIES", "deliveries"],
]);

/**
 * Why messages would go astray, in words that name both ends: a queue's name alone tells which consumer gets its batches, so a
 * name of another role loses them. Null when every queue does what it is bound for.
 */
export function findQueueProblem({ producers, consumers }: QueueSection): string | null {
  const problems = [
    ...consumers.map(({ queue }) =>
      roleOf(queue) === null
        ? `consumes the queue "${queue}", whose name says no role: it should hold leads, leads-dead, notifications, notifications-dead or deliveries between hyphens, and no other of these words.`
        : null,
    ),
    ...producers.map(({ binding, queue }) => {
      const wanted = ROLE_OF_BINDING.get(binding);
      return wanted === undefined || roleOf(queue) === wanted
        ? null
        : `binds ${binding} to the queue "${queue}", whose name says ${nameRole(queue)}: it should hold ${wanted} between hyphens.`;
    }),
    ...consumers.map(({ queue, dead_letter_queue: dead }) =>
      dead === undefined || roleOf(dead) === `${roleOf(queue)}-dead`
        ? null
        : `sends the dead letters of "${queue}" to "${dead}", whose name says ${nameRole(dead)}: ${sayWanted(queue)}.`,
    ),
  ];
  return problems.find((problem) => problem !== null) ?? null;
}

function sayWanted(queue: string): string {
  const role = roleOf(queue);
  return role === "leads" || role === "notifications"
    ? `it should hold ${role}-dead between hyphens`
    : "that queue has no dead letters";
}

function nameRole(queue: string): string {
  return roleOf(queue) ?? "no role, or more than one";
}

function roleOf(queue: string): QueueRole | null {
  try {
    return queueRole(queue);
  } catch {
    return null;
  }
}
