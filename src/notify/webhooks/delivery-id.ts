import type { DecisionKey } from "../../record/decision-key.ts";

/** Names one delivery: a decision and who is told of it. */
export interface DeliveryKey extends DecisionKey {
  readonly destination: string;
}

const ID =
  /^(?<leadId>[\w-]{1,64})_(?<generation>[1-9]\d{0,8})_(?<destination>[a-z0-9][a-z0-9-]{0,62})$/;

/**
 * The `webhook-id` of a delivery, the same at every try and every retry, so that receivers can tell what they have seen. It
 * names lead, generation and destination, and with them the type of the event, which follows from the decision.
 */
export function deliveryId({ leadId, generation, destination }: DeliveryKey): string {
  return `${leadId}_${generation}_${destination}`;
}

/** What an id names; null when it is none. */
export function readDeliveryId(id: string): DeliveryKey | null {
  const { leadId, generation, destination } = ID.exec(id)?.groups ?? {};
  if (leadId === undefined || generation === undefined || destination === undefined) return null;
  return { leadId, generation: Number(generation), destination };
}
