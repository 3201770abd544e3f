// Fields by which the router marks a lead. Rules route by them, so nobody else may set them, at any door.

/** The form that a lead came through. */
export const FORM_FIELD = "_form";
/** The webhook that a lead came by. */
export const SOURCE_FIELD = "_source";
/** Set to true where only the beginning of what was sent is kept. */
export const CLIPPED_FIELD = "_clipped";

const OWN_FIELDS = [FORM_FIELD, SOURCE_FIELD, CLIPPED_FIELD];

/** Whether a field of this name is the router's own. */
export function isOwnField(name: string): boolean {
  return OWN_FIELDS.includes(name);
}

/** Drops from what somebody sent what only the router may say. */
export function dropOwnFields(sent: Record<string, unknown>): void {
  for (const name of OWN_FIELDS) delete sent[name];
}
