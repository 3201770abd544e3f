import { keyOf, type DecisionKey } from "./decision-key.ts";
import type { RouteMessage, SpilledLead } from "./messages.ts";

/** One decision that is wanted, whatever number of messages asked for it. */
export interface RouteRequest extends DecisionKey {
  readonly spilled?: SpilledLead;
  /** Deliveries so far, this one included. */
  readonly attempts: number;
}

/** Messages to requests: one per (lead, generation); the most tried delivery counts, a spilled lead is kept. */
export function distinctRequests(
  deliveries: readonly { readonly body: RouteMessage; readonly attempts: number }[],
): RouteRequest[] {
  const requests = new Map<string, RouteRequest>();
  for (const { body, attempts } of deliveries) {
    const known = requests.get(keyOf(body));
    requests.set(keyOf(body), {
      ...known,
      ...body,
      attempts: Math.max(attempts, known?.attempts ?? 0),
    });
  }
  return [...requests.values()];
}
