import type { Deps } from "../../src/ports/deps.ts";
import { submissionOf } from "../intake/api/fakes.ts";
import { acceptLead } from "../../src/intake/accept.ts";
import type { LeadDraft } from "../../src/rules/lead.ts";
import { putAbsence } from "../../src/roster/absences.ts";
import { putAccount } from "../../src/roster/accounts.ts";
import { deactivateRep, putRep, type RepValues } from "../../src/roster/reps.ts";
import { putMember, removeMember } from "../../src/roster/members.ts";
import { assignManually } from "../../src/routing/assign.ts";
import { closeLead, eraseLead } from "../../src/routing/acts.ts";
import { requestReroute } from "../../src/routing/reroute.ts";
import type { Service } from "./network.ts";
import { isIntended, planRestore, stillStands } from "./restore.ts";
import { chains, POD_IDS } from "./rules.ts";
import { STORM_MS } from "./storm.ts";
import type { World } from "./world.ts";

/** What callers were told, to be held against what stands in the end. */
export interface Promises {
  /** Accepted leads: the id the caller was given, its number in the run, its idempotency key. */
  readonly accepted: {
    readonly leadId: string;
    readonly number: number;
    readonly key: string | null;
  }[];
  /** Re-routes that were taken. */
  readonly rerouted: { readonly leadId: string; readonly generation: number }[];
}

const MINUTE = 60_000;

/** Leads in one run, at most. */
const MAX_LEADS = 24;

const ZONES = ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC"] as const;
const REPS = ["ana", "bo", "cy", "dee", "eve"] as const;

/** Sets a team up, in fair weather. */
export async function setUp(world: World): Promise<void> {
  await world.run("set-up", async (deps) => {
    for (const [at, repId] of REPS.entries())
      await putRep(deps, "ops", repId, repValues(world, at));
    for (const [at, repId] of REPS.entries()) {
      for (const [podAt, podId] of POD_IDS.entries()) {
        if ((at + podAt) % 3 === 2) continue;
        await putMember(deps, "ops", podId, repId, {
          weight: 1 + (at % 2),
          dailyCap: null,
          openCap: null,
        });
      }
    }
    for (const [at, ownerId] of ["ana", "bo", "cy"].entries()) {
      await putAccount(deps, "ops", {
        domain: `account${at}.test`,
        accountId: `A${at}`,
        name: `Account ${at}`,
        ownerId,
      });
    }
  });
}

/** Plans a storm: leads come in while people, services and machines do their worst. */
export function planStorm(world: World): Promises {
  const { random, scheduler } = world;
  const promises: Promises = { accepted: [], rerouted: [] };
  const anyTime = () => random.whole(0, STORM_MS);

  let number = 0;
  const leadComes = (at: number) => {
    const key = random.chance(0.4) ? `key${number}` : null;
    const draft = leadDraft(world, number);
    const posts = key !== null && random.chance(0.6) ? 2 : 1;
    for (let post = 0; post < posts; post++) {
      const name = number;
      scheduler.after(
        at + random.whole(0, 3000),
        () => void postLead(world, promises, draft, key, name),
      );
    }
    number++;
  };
  const somebodyActs = (at: number) => {
    scheduler.after(at, () => {
      operate(world, promises).catch((error: unknown) =>
        world.note(`operator was told: ${String(error)}`),
      );
    });
  };
  // Bursts: whatever meets at once meets hardest.
  for (let lead = random.whole(8, 16); lead > 0; lead--)
    leadComes(random.chance(0.5) ? random.pick([1, 2, 3]) * 5 * MINUTE : anyTime());
  for (let act = random.whole(2, 8); act > 0; act--) somebodyActs(anyTime());
  // The worst moment for anything to happen is while something else has gone wrong.
  world.network.onFault = () => {
    if (random.chance(0.15)) somebodyActs(random.whole(0, 15_000));
    if (random.chance(0.05) && number < MAX_LEADS) leadComes(random.whole(0, 15_000));
  };
  for (let outage = random.whole(0, 2); outage > 0; outage--) {
    const service = random.pick<Service>(["d1", "d1", "pod", "slack", "queue"]);
    scheduler.after(anyTime(), () =>
      world.network.takeAway(service, random.whole(10_000, 8 * MINUTE)),
    );
  }
  for (let eviction = random.whole(0, 3); eviction > 0; eviction--) {
    scheduler.after(anyTime(), () => world.pod(random.pick(POD_IDS)).evict());
  }
  if (random.chance(0.3)) scheduler.after(anyTime(), () => world.killAll());
  if (random.chance(0.3)) scheduler.after(anyTime(), () => void (world.chain = chains[1]));
  if (random.chance(world.restores)) planRestore(world, promises);
  return promises;
}

async function postLead(
  world: World,
  promises: Promises,
  draft: LeadDraft,
  key: string | null,
  number: number,
): Promise<void> {
  const { era } = world;
  const accepted = await world.run("door", (deps) => acceptLead(deps, submissionOf(draft, key)));
  if (accepted.outcome === "received" || accepted.outcome === "duplicate") {
    if (era !== world.era && !stillStands(world, accepted.leadId)) return;
    promises.accepted.push({ leadId: accepted.leadId, number, key });
    world.note(`lead ${number} is accepted as ${accepted.leadId}`);
  }
}

/** One act of an operator. */
async function operate(world: World, promises: Promises): Promise<void> {
  const { random, era } = world;
  const lead = newestDecision(world);
  const repId = random.pick(REPS);
  const podId = random.pick(POD_IDS);
  await world.run("operator", async (deps) => {
    switch (random.whole(0, 12)) {
      case 0:
      case 1:
      case 2:
        if (lead) await reroute(world, deps, promises, lead.leadId, lead.generation);
        return;
      case 3:
        if (lead)
          await assignManually(deps, "ops", lead.leadId, { ownerId: repId, reason: "by hand" });
        return;
      case 4:
        if (lead) await closeLead(deps, "ops", lead.leadId, { reason: "won" });
        return;
      case 5: {
        const leadId = anyLead(world);
        if (leadId !== null) await eraseLead(deps, "ops", leadId);
        return;
      }
      case 6:
      case 10: {
        const removal = await removeMember(deps, "ops", podId, repId);
        if (era !== world.era) return;
        if (removal.outcome !== "overtaken" && removal.unconfirmed.length === 0)
          world.checks.removed(podId, repId);
        return;
      }
      case 7:
        world.checks.added(podId, repId);
        await putMember(deps, "ops", podId, repId, {
          weight: random.whole(1, 3),
          dailyCap: null,
          openCap: null,
        });
        return;
      case 8: {
        const from = deps.now() - MINUTE;
        await putAbsence(deps, "ops", repId, `absence${random.whole(1, 2)}`, {
          from,
          until: from + random.whole(2, 20) * MINUTE,
          note: null,
        });
        return;
      }
      case 9:
      case 11: {
        const removal = await deactivateRep(deps, "ops", repId);
        if (era !== world.era) return;
        if (removal.outcome !== "overtaken" && removal.unconfirmed.length === 0)
          world.checks.deactivated(repId);
        return;
      }
      default:
        await putRep(deps, "ops", repId, repValues(world, random.whole(0, 4)));
    }
  });
}

async function reroute(
  world: World,
  deps: Deps,
  promises: Promises,
  leadId: string,
  generation: number,
): Promise<void> {
  const { era } = world;
  world.bug.onReroute(world, leadId, generation);
  const answer = await requestReroute(deps, "ops", leadId, {
    force: true,
    reason: "try another",
    generation,
  });
  const known = era === world.era || isIntended(world, leadId, generation + 1);
  if (answer.outcome === "requested" && known)
    promises.rerouted.push({ leadId, generation: answer.generation });
}

function newestDecision(world: World): { leadId: string; generation: number } | null {
  const decided = world.d1.read<{ leadId: string; generation: number }>(
    "SELECT lead_id AS leadId, max(generation) AS generation FROM decisions GROUP BY lead_id",
  );
  return decided.length === 0 ? null : world.random.pick(decided);
}

function anyLead(world: World): string | null {
  const leads = world.d1.read<{ id: string }>("SELECT id FROM leads");
  return leads.length === 0 ? null : world.random.pick(leads).id;
}

function repValues(world: World, at: number): RepValues {
  return {
    name: `Rep ${at}`,
    email: null,
    slackUserId: null,
    timeZone: ZONES[at % ZONES.length] ?? "UTC",
    workingHours: null,
    // Changed while leads are routed, so that the person's cap is met from both sides.
    dailyCap: at % 2 === 0 ? world.random.whole(1, 3) : null,
  };
}

function leadDraft(world: World, number: number): LeadDraft {
  const { random } = world;
  const domain = random.chance(0.4) ? `account${random.whole(0, 2)}.test` : null;
  return {
    email: `lead${number}@example.test`,
    phone: null,
    name: null,
    company: null,
    companyDomain: domain,
    countryCode: random.pick(["DE", "AT", "CH", "FR"]),
    region: null,
    source: null,
    score: random.pick([null, 10, 40, 90]),
    fields: {},
  };
}
