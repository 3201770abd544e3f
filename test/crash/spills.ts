/**
 * Ids of leads that the worker put on the queue as a whole because D1 did not take them within the door's 2 s, as
 * its log tells. A real queue keeps them; the local one forgets them in a kill, so they are not held against it.
 */
export function findSpills(log: string): Set<string> {
  const lines = log.matchAll(/\{"event":"lead_insert_(?:late|failed)","leadId":"([0-9a-f-]{36})"/g);
  return new Set([...lines].flatMap(([, leadId]) => leadId ?? []));
}
