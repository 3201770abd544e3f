/** Settings of a pod that are code: defaults for members that carry no setting of their own. */
export interface PodSettings {
  /** Leads a member takes per local day of the rep, unless the member has a cap of its own. Whole, ≥ 0. */
  readonly dailyCap?: number;
  /** Open leads a member may hold, unless the member has a cap of its own. Whole, ≥ 0. */
  readonly openCap?: number;
}

/** A group of reps who take turns. Its members are data and change at run time; its name and defaults are code. */
export interface Pod {
  readonly id: string;
  readonly settings: PodSettings;
}

/** 63 characters at most, as in a DNS label: it stands in URLs and names the pod's Durable Object. */
const POD_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * Names a pod, with defaults for its members: `pod("dach", { dailyCap: 15 })`.
 * @throws {Error} naming the pod, when the id or a cap is not usable
 */
export function pod(id: string, settings: PodSettings = {}): Pod {
  if (!POD_ID.test(id)) {
    throw new Error(
      `pod "${id}": the id must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen`,
    );
  }
  for (const [key, cap] of Object.entries(settings)) {
    if (key !== "dailyCap" && key !== "openCap") {
      throw new Error(
        `pod "${id}": "${key}" is no setting of a pod; it can have "dailyCap" and "openCap"`,
      );
    }
    if (!Number.isSafeInteger(cap) || cap < 0) {
      throw new Error(
        `pod "${id}": "${key}" must be a whole number, 0 or more, not ${String(cap)}`,
      );
    }
  }
  return { id, settings };
}
