/** Names one decision. */
export interface DecisionKey {
  readonly leadId: string;
  /** 1 for the first decision of a lead; each explicit re-route or assignment by hand makes the next. */
  readonly generation: number;
}

/** The key as a string, for maps. */
export function keyOf({ leadId, generation }: DecisionKey): string {
  return `${leadId}/${generation}`;
}

export function sameKey(one: DecisionKey, other: DecisionKey): boolean {
  return one.leadId === other.leadId && one.generation === other.generation;
}

/** Keys as the one JSON parameter that carries a batch: [[lead_id, generation], …]. */
export function keyList(keys: readonly DecisionKey[]): string {
  return JSON.stringify(keys.map(({ leadId, generation }) => [leadId, generation]));
}
