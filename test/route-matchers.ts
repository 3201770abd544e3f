import { expect } from "vitest";
import type { RoutedLead } from "./routed-lead.ts";

/** How a lead should have come where it is. */
interface Way {
  /** Name of the rule. */
  readonly by?: string;
}

declare module "vitest" {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /** The lead goes to the rotation of this pod. */
    toRouteTo(podId: string, way?: Way): R;
    /** The lead goes to this rep, past any rotation: the owner of its account. */
    toGoTo(repId: string, way?: Way): R;
    /** No rule finds anybody. */
    toFindNobody(): R;
  }
}

expect.extend({
  toRouteTo(lead: RoutedLead, podId: string, { by }: Way = {}) {
    const { pods } = lead.chain;
    if (!pods.some(({ id }) => id === podId))
      throw new Error(`no rule sends to a pod "${podId}", only to ${listIds(pods)}`);
    const pass = lead.podId === podId && isBy(lead, by);
    return { pass, message: () => explain(lead, this.isNot, `go to the pod ${podId}${tell(by)}`) };
  },
  toGoTo(lead: RoutedLead, repId: string, { by }: Way = {}) {
    const pass = lead.ownerId === repId && isBy(lead, by);
    return { pass, message: () => explain(lead, this.isNot, `go to the rep ${repId}${tell(by)}`) };
  },
  toFindNobody(lead: RoutedLead) {
    return { pass: lead.by === null, message: () => explain(lead, this.isNot, "find nobody") };
  },
});

function isBy(lead: RoutedLead, by: string | undefined): boolean {
  return by === undefined || lead.by === by;
}

function tell(by: string | undefined): string {
  return by === undefined ? "" : ` by "${by}"`;
}

/** What was expected, what came of it, and the trail, rule by rule. */
function explain(lead: RoutedLead, isNot: boolean, wanted: string): string {
  const rules = Math.max(...lead.trail.map(({ rule }) => rule.length));
  const outcomes = Math.max(...lead.trail.map(({ outcome }) => outcome.length));
  const lines = lead.trail.map(
    ({ rule, outcome, reason }) =>
      `  ${rule.padEnd(rules)}  ${outcome.padEnd(outcomes)}  ${reason}`,
  );
  const opening = `expected the lead ${isNot ? "not " : ""}to ${wanted}`;
  return [`${opening}, but it ${describe(lead)}:`, "", ...lines, ""].join("\n");
}

function describe({ by, podId, ownerId }: RoutedLead): string {
  if (by === null) return "found nobody";
  const where = podId === null ? `the rep ${ownerId}` : `the pod ${podId}`;
  return `went to ${where} by "${by}"`;
}

function listIds(pods: readonly { readonly id: string }[]): string {
  return pods.map(({ id }) => id).join(", ");
}
