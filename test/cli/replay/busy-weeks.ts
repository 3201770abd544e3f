import { chain, fallback, matchedAccount, pod, rule, score, territory } from "lead-router";
import type { Chain } from "../../../src/rules/chain.ts";
import type { LeadDraft } from "../../../src/rules/lead.ts";
import { putAbsence, removeAbsence } from "../../../src/roster/absences.ts";
import { putAccount } from "../../../src/roster/accounts.ts";
import { putMember, removeMember } from "../../../src/roster/members.ts";
import { putRep, type RepValues } from "../../../src/roster/reps.ts";
import { assignManually } from "../../../src/routing/assign.ts";
import { closeLead } from "../../../src/routing/acts.ts";
import { requestReroute } from "../../../src/routing/reroute.ts";
import { RecordedWorld } from "./recorded-world.ts";

const enterprise = pod("enterprise", { dailyCap: 8 });
const dach = pod("dach", { openCap: 6 });
const sdr = pod("sdr", { debitOutside: true });
const nurture = pod("nurture");
const everyone = pod("everyone", { dailyCap: 12 });

/** The rules in force, with the lowest score of a hot lead as a knob. */
export const rulesOf = (hot: number) =>
  chain(
    matchedAccount({ whenOwnerAway: "next" }),
    territory("DACH", { countryCode: ["DE", "AT", "CH"] }, dach),
    score("hot", { min: hot }, enterprise),
    score("warm", { min: 40, max: hot - 1 }, sdr),
    rule("small teams", { source: "referral", fields: { company_size: { max: 50 } } }, sdr),
    score("unscored", "none", nurture),
    fallback(everyone),
  );

export const START = Date.UTC(2026, 9, 19, 6, 0);
const HOUR = 60 * 60_000;
const OFFICE = {
  mon: [["08:00", "18:00"]],
  tue: [["08:00", "18:00"]],
  wed: [["08:00", "18:00"]],
} as const;

const REPS: Readonly<Record<string, Partial<RepValues>>> = {
  ana: { timeZone: "America/Sao_Paulo" },
  bo: { timeZone: "Europe/Stockholm", dailyCap: 9 },
  chidi: { timeZone: "Africa/Lagos", workingHours: OFFICE },
  dana: { timeZone: "Europe/Berlin" },
  emre: { timeZone: "Europe/Istanbul", dailyCap: 7 },
  fumi: { timeZone: "Asia/Tokyo" },
  grace: { timeZone: "America/New_York" },
};

const MEMBERS: readonly (readonly [podId: string, repId: string, weight: number])[] = [
  ["enterprise", "ana", 1],
  ["enterprise", "grace", 2],
  ["enterprise", "emre", 1],
  ["dach", "bo", 1],
  ["dach", "dana", 2],
  ["dach", "emre", 1],
  ["sdr", "chidi", 1],
  ["sdr", "emre", 1],
  ["sdr", "fumi", 1],
  ["sdr", "bo", 3],
  ["nurture", "fumi", 1],
  ["nurture", "grace", 1],
  ["everyone", "dana", 1],
  ["everyone", "chidi", 1],
];

const ACCOUNTS = ["bo", "chidi", "emre", "nobody-we-know"] as const;

/** A router that has been at work for so many leads: absences, caps, re-routes, closes, hand assignments, a roster that changes. */
export async function busyWeeks(
  leads: number,
  seed: number,
  { deploy }: { readonly deploy?: { readonly at: number; readonly rules: Chain } } = {},
): Promise<RecordedWorld> {
  const world = new RecordedWorld(rulesOf(80), START, seed);
  const { random } = world;
  await setUp(world);
  const posted: string[] = [];
  for (let lead = 0; lead < leads; lead++) {
    if (lead === deploy?.at) world.deploy(deploy.rules);
    // Half a day's work now and then, else minutes.
    await world.pass(
      random.chance(0.03) ? random.whole(4, 14) * HOUR : random.whole(1, 20) * 60_000,
    );
    posted.push(await world.post(draft(world, lead)));
    if (random.chance(0.7)) await world.route();
    if (random.chance(0.35)) await somebodyActs(world, posted);
  }
  await world.pass(2 * HOUR);
  return world;
}

async function setUp(world: RecordedWorld): Promise<void> {
  for (const [id, values] of Object.entries(REPS))
    await putRep(world.deps(), "ops", id, repOf(values));
  for (const [podId, repId, weight] of MEMBERS) {
    await world.pass(1000);
    await putMember(world.deps(), "ops", podId, repId, { weight, dailyCap: null, openCap: null });
  }
  for (const [at, ownerId] of ACCOUNTS.entries())
    await putAccount(world.deps(), "ops", accountOf(at, ownerId));
}

/** Somebody of ops does something to a lead or to the team, a while away from any draw. */
async function somebodyActs(world: RecordedWorld, posted: readonly string[]): Promise<void> {
  const { random } = world;
  const leadId = random.pick(posted);
  const repId = random.pick(Object.keys(REPS));
  const [podId, memberId] = random.pick(MEMBERS);
  await world.pass(2 * 60_000);
  const deps = world.deps();
  switch (random.whole(0, 9)) {
    case 0:
    case 1:
      await closeLead(deps, "ops", leadId, { reason: "won" });
      break;
    case 2:
    case 3:
      await requestReroute(deps, "ops", leadId, {
        force: true,
        reason: "try another",
        excludeOwner: random.chance(0.8),
      });
      break;
    case 4:
      await assignManually(deps, "ops", leadId, { ownerId: repId, reason: "by hand" });
      break;
    case 5:
      await putAbsence(deps, "ops", repId, `leave-${random.whole(1, 3)}`, {
        from: world.now - random.whole(0, 2) * HOUR,
        until: world.now + random.whole(1, 60) * HOUR,
        note: null,
      });
      break;
    case 6:
      await removeAbsence(deps, "ops", repId, `leave-${random.whole(1, 3)}`);
      break;
    case 7:
      if (random.chance(0.4)) await removeMember(deps, "ops", podId, memberId);
      else
        await putMember(deps, "ops", podId, memberId, {
          weight: random.whole(1, 4),
          dailyCap: random.pick([null, 5]),
          openCap: random.pick([null, 4]),
        });
      break;
    case 8:
      await putRep(
        deps,
        "ops",
        repId,
        repOf({ ...REPS[repId], dailyCap: random.pick([null, 4, 10]) }),
      );
      break;
    default:
      await putAccount(deps, "ops", accountOf(random.whole(0, 3), random.pick(ACCOUNTS)));
  }
  await world.pass(2 * 60_000);
}

function repOf(values: Partial<RepValues>): RepValues {
  return {
    name: "Rep",
    email: null,
    slackUserId: null,
    timeZone: "UTC",
    workingHours: null,
    dailyCap: null,
    ...values,
  };
}

function accountOf(at: number, ownerId: string) {
  return { domain: `account${at}.test`, accountId: `A${at}`, name: `Account ${at}`, ownerId };
}

export function draft({ random }: Pick<RecordedWorld, "random">, lead: number): LeadDraft {
  return {
    email: `lead${lead}@example.test`,
    phone: null,
    name: null,
    company: null,
    companyDomain: random.chance(0.15) ? `account${random.whole(0, 4)}.test` : null,
    countryCode: random.pick(["DE", "AT", "FR", "US", "GB", "JP", null]),
    region: null,
    source: random.pick(["webinar", "referral", "demo request"]),
    score: random.chance(0.15) ? null : random.whole(0, 100),
    fields: random.chance(0.3) ? { company_size: String(random.whole(1, 100)) } : {},
  };
}
