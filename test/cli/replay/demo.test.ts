import { chain, fallback, matchedAccount, pod, rule, score, territory } from "lead-router";
import { describe, expect, it } from "vitest";
import { ACCOUNTS, placeMembers, REPS } from "../../../demo/sample-team.ts";
import { LEADS } from "../../../demo/sample-leads.ts";
import { parseLead } from "../../../src/intake/draft/parse-lead.ts";
import { tellDifference } from "../../../src/cli/replay/report.ts";
import { putAbsence } from "../../../src/roster/absences.ts";
import { putAccount } from "../../../src/roster/accounts.ts";
import { putMember } from "../../../src/roster/members.ts";
import { putRep } from "../../../src/roster/reps.ts";
import { MINUTE, MORNING, replayDay, repValues } from "./calm-day.ts";
import { RecordedWorld } from "./recorded-world.ts";

const [enterprise, sdr] = [pod("enterprise", { dailyCap: 8 }), pod("sdr")];

/** The sample chain; hot leads begin at this score. */
const sampleRules = (hot: number) =>
  chain(
    matchedAccount({ whenOwnerAway: "next" }),
    territory("DACH", { countryCode: ["DE", "AT", "CH"] }, pod("dach", { dailyCap: 15 })),
    score("hot", { min: hot }, enterprise),
    score("warm", { min: 40, max: hot - 1 }, sdr),
    rule("small teams", { source: "referral", fields: { company_size: { max: 50 } } }, sdr),
    score("unscored", "none", pod("nurture")),
    fallback(pod("everyone")),
  );

const DAY = 24 * 60 * MINUTE;

/** The demo: its team, its accounts and its sixty leads, in batches of ten as its queue delivers them. */
async function demo(): Promise<RecordedWorld> {
  const world = new RecordedWorld(sampleRules(80), MORNING);
  for (const { id, timeZone, dailyCap = null, leave } of REPS) {
    await putRep(world.deps(), "demo", id, repValues({ timeZone, dailyCap }));
    if (leave === undefined) continue;
    const from = world.now - leave.begunDaysAgo * DAY;
    const until = world.now + leave.endsInDays * DAY;
    await putAbsence(world.deps(), "demo", id, "leave", { from, until, note: null });
  }
  for (const { podId, repId, weight = 1, dailyCap = null } of placeMembers(world.chain.pods)) {
    await world.pass(1000);
    await putMember(world.deps(), "demo", podId, repId, { weight, dailyCap, openCap: null });
  }
  for (const account of ACCOUNTS) await putAccount(world.deps(), "demo", account);
  await world.pass(10 * MINUTE);
  for (const { fields } of LEADS) {
    const parsed = parseLead(fields);
    if (parsed.ok) await world.post(parsed.draft);
  }
  await world.pass(5 * MINUTE);
  return world;
}

describe("the demo's leads, replayed", () => {
  it("go where they went when the rules are the same", async () => {
    const { proof, difference, drift } = replayDay(await demo());

    expect(proof).toMatchObject({ decisions: 60, reproduced: 60, missed: {} });
    expect(drift).toEqual({ same: 60, owner: 0, elsewhere: 0 });
    expect(tellDifference(difference)).toBe(
      "Nothing changes: all 60 leads go where they went, to the same rep by the same rule.",
    );
  });

  it("tell what a changed band does in words a sales lead understands", async () => {
    const { difference } = replayDay(await demo(), sampleRules(70));

    expect(tellDifference(difference)).toContain(
      "3 of 60 leads (5 %) would go elsewhere: 1 that scored 71 moves from sdr to enterprise; " +
        "1 that scored 83 from enterprise would find nobody; 1 that scored 76 from sdr would find nobody. " +
        "chidi would have had 1 fewer and emre 1 fewer. 7 leads would find nobody, instead of 5.",
    );
  });
});
