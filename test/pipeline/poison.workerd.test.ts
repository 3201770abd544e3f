import { chain, fallback, pod } from "lead-router";
import { describe, expect, it } from "vitest";
import type { AccountOwner, Rule, Verdict } from "../../src/rules/rule.ts";
import { textsOf } from "./slack.ts";
import {
  addMembers,
  deliverNotifications,
  openRouter,
  routeLeads,
  select,
  storeLead,
  storeLeads,
} from "./open-router.ts";

const POISON = "jane@poison.test";

/** A rule that passes every lead by, but for the poison one. */
function poisonRule(evaluate: () => Verdict): Rule {
  return {
    name: "poison",
    kind: "rule",
    pod: null,
    definition: {},
    catchesAll: false,
    evaluate: ({ email }) =>
      email === POISON ? evaluate() : { outcome: "no_match", reason: "is no poison" },
  };
}

function throwing(): Verdict {
  throw new TypeError(`cannot read ${POISON}`);
}

/** Names an owner without a day: the table's CHECK refuses such a decision at every try. */
function refusedByD1(): Verdict {
  const owner: AccountOwner = {
    repId: "bo",
    rev: 1,
    active: true,
    unavailable: null,
    day: JSON.parse("null"),
  };
  return { outcome: "owner", owner, reason: "bo takes all" };
}

describe.each([
  { what: "a rule throws on", evaluate: throwing, at: 0, cause: "TypeError" },
  {
    what: "D1 refuses the decision of",
    evaluate: refusedByD1,
    at: 57,
    cause: "CHECK constraint failed",
  },
])("one lead of a hundred that $what", ({ evaluate, at, cause }) => {
  const podId = `spoilt-${at}`;
  const router = openRouter({ chain: chain(poisonRule(evaluate), fallback(pod(podId))) });

  it("keeps none of the others waiting, goes to nobody, and ops hear the cause", async () => {
    await addMembers(router, podId, { bo: {}, cy: {} });
    const leads = await storeLeads(router, 99);
    const poison = await storeLead(router, { email: POISON });
    const batch = leads.toSpliced(at, 0, poison);
    expect(await routeLeads(router, batch)).toEqual(Array.from({ length: 100 }, () => "acked"));

    const decisions = await select(
      "SELECT * FROM decisions WHERE lead_id IN (SELECT value FROM json_each(?))",
      JSON.stringify(batch.map(({ id }) => id)),
    );
    expect(decisions).toHaveLength(100);
    expect(decisions.filter(({ pod_id }) => pod_id === podId)).toHaveLength(99);
    const [unassigned, ...others] = decisions.filter(({ outcome }) => outcome === "unassigned");
    expect(others).toEqual([]);
    expect(unassigned?.lead_id).toBe(poison.id);
    expect(unassigned?.reason).toMatch(/^Could not be routed after 1 delivery: /);
    expect(unassigned?.reason).toContain(cause);
    // The audit is kept for ever: it must not quote the person.
    expect(JSON.stringify(unassigned)).not.toContain(POISON);

    // However often the batch was halved, each lead was counted once.
    const { members } = await router.deps.pod(podId).snapshot();
    expect(members.map(({ count }) => count).toSorted()).toEqual([49, 50]);

    await deliverNotifications(router);
    const [post, ...otherPosts] = router.posts.filter(({ channel }) => channel === "ops");
    expect(otherPosts).toEqual([]);
    expect(post && textsOf(post)).toContain(unassigned?.["reason"]);
  });
});
