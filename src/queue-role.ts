/** What the queues are for. The longer names first: in "leads-dead" is "leads" too. */
const ROLES = ["leads-dead", "leads", "notifications-dead", "notifications", "deliveries"] as const;
export type QueueRole = (typeof ROLES)[number];

/**
 * What a queue is for, by its name, which is all that a batch says of where it comes from: the role, alone or between hyphens
 * with what tells it from other queues of the account ("leads", "leads-staging", "acme-leads").
 * @throws {Error} when no role is in the name: no consumer would know what to do with its messages
 */
export function queueRole(name: string): QueueRole {
  const found = ROLES.find((role) => `-${name}-`.includes(`-${role}-`));
  if (found === undefined) throw new Error(`no consumer for the queue ${name}`);
  return found;
}
