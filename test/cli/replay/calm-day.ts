import type { Chain } from "../../../src/rules/chain.ts";
import type { LeadDraft } from "../../../src/rules/lead.ts";
import { replay, type ReplayReport } from "../../../src/cli/replay/replay.ts";
import type { ReplayRecord } from "../../../src/cli/replay/record.ts";
import { putMember } from "../../../src/roster/members.ts";
import { putRep, type RepValues } from "../../../src/roster/reps.ts";
import { exportLines, recordOf } from "./export-lines.ts";
import { RecordedWorld } from "./recorded-world.ts";

export const MORNING = Date.UTC(2026, 10, 16, 9, 0);
export const MINUTE = 60_000;

/** A router with these rules and reps who are always there: "dach/bo". */
export async function calmDay(rules: Chain, ...members: readonly string[]): Promise<RecordedWorld> {
  const world = new RecordedWorld(rules, MORNING);
  for (const member of members) {
    const [podId = "", repId = ""] = member.split("/");
    await putRep(world.deps(), "ops", repId, repValues());
    await putMember(world.deps(), "ops", podId, repId, {
      weight: 1,
      dailyCap: null,
      openCap: null,
    });
    await world.pass(MINUTE);
  }
  await world.pass(10 * MINUTE);
  return world;
}

export function repValues(changes: Partial<RepValues> = {}): RepValues {
  return {
    name: "Rep",
    email: null,
    slackUserId: null,
    timeZone: "UTC",
    workingHours: null,
    dailyCap: null,
    ...changes,
  };
}

/** A lead comes in and is routed; the next thing happens some minutes later. */
export async function leadComes(
  world: RecordedWorld,
  changes: Partial<LeadDraft> = {},
): Promise<string> {
  const id = await world.post({
    email: null,
    phone: null,
    name: null,
    company: null,
    companyDomain: null,
    countryCode: null,
    region: null,
    source: null,
    score: null,
    fields: {},
    ...changes,
  });
  await world.pass(5 * MINUTE);
  return id;
}

function recordOfDay(world: RecordedWorld): ReplayRecord {
  return recordOf(exportLines(world.db, MORNING, world.now));
}

/** Replays a day through other rules, or through its own. */
export function replayDay(world: RecordedWorld, rules: Chain = world.chain): ReplayReport {
  const before = new Map([[world.chain.version, world.chain]]);
  return replay(recordOfDay(world), { after: rules, before });
}
