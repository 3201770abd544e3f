const ROLES = ["leads", "leads-dead", "notifications", "notifications-dead", "deliveries"] as const;
export type QueueRole = (typeof ROLES)[number];

/** Words of a name that say what a queue is for, and nothing else. */
const TELLING = new Set(["leads", "notifications", "deliveries", "dead"]);

/**
 * What a queue is for, by its name, which is all that a batch says of where it comes from: the role, alone or between hyphens
 * with what tells it from other queues of the account ("leads", "leads-staging", "acme-leads-dead").
 * @throws {Error} when the name holds no role, or another's word too ("acme-leads-notifications", "leads-staging-dead"):
 * messages would go to a consumer that cannot read them, or be given up before they were tried
 */
export function queueRole(name: string): QueueRole {
  const words = name.split("-");
  const telling = words.flatMap((word, at) => (TELLING.has(word) ? [at] : []));
  const [first = 0, last = first] = [telling[0], telling.at(-1)];
  // Next to each other: of "leads-staging-dead" nobody knows whether it is the dead letters of "leads-staging".
  const said = words.slice(first, last + 1).join("-");
  const found = ROLES.find((role) => role === said);
  if (found === undefined) throw new Error(`no consumer for the queue ${name}`);
  return found;
}
