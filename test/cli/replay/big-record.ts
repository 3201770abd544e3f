import type { Chain } from "../../../src/rules/chain.ts";
import type { Lead } from "../../../src/rules/lead.ts";
import { History } from "../../../src/cli/replay/history.ts";
import { FreeRun } from "../../../src/cli/replay/free-run.ts";
import type { JsonRecord } from "../../../src/lib/json.ts";
import { EXPORT_FORMAT } from "../../../src/cli/replay/read-export.ts";
import type { Configuration, RecordedEvent, ReplayRecord } from "../../../src/cli/replay/record.ts";
import { settingOf } from "../../../src/cli/replay/run.ts";
import { Random } from "../../simulation/random.ts";

const START = Date.UTC(2026, 9, 1);
const MONTH_MS = 30 * 24 * 60 * 60_000;
const HOUR = 60 * 60_000;
const ZONES = ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Africa/Lagos"] as const;
const WORKDAY = [["07:00", "20:00"]] as const;
const REPS = 40;
const MEMBERS_OF_A_POD = 10;

/** An export of a month with so many leads, line by line: as large as a real one, made by the replay's own engine. */
export function* bigRecord(chain: Chain, leads: number, seed = 1): Generator<JsonRecord> {
  const random = new Random(seed);
  const configuration: Configuration = {
    reps: new Map(),
    members: new Map(),
    absences: new Map(),
    accounts: new Map(),
  };
  for (let rep = 0; rep < REPS; rep++)
    configuration.reps.set(`rep-${rep}`, {
      timeZone: ZONES[rep % ZONES.length] ?? "UTC",
      workingHours: { mon: WORKDAY, tue: WORKDAY, wed: WORKDAY, thu: WORKDAY, fri: WORKDAY },
      dailyCap: rep % 5 === 0 ? 500 : null,
      active: true,
    });
  for (const [at, { id }] of chain.pods.entries()) {
    const seats = Array.from({ length: MEMBERS_OF_A_POD }, (_, seat) => ({
      weight: 1 + (seat % 3),
      dailyCap: 400,
      openCap: null,
      joinedAt: START - HOUR + seat,
    }));
    const repOf = (seat: number) => `rep-${(at * 7 + seat * 3) % REPS}`;
    configuration.members.set(id, new Map(seats.map((member, seat) => [repOf(seat), member])));
  }
  const iso = (at: number) => new Date(at).toISOString();
  yield {
    type: "meta",
    format: EXPORT_FORMAT,
    from: iso(START),
    until: iso(START + MONTH_MS),
    fields: null,
    source: "a generator",
  };
  for (const [id, rep] of configuration.reps) yield { type: "rep", id, ...rep };
  for (const [podId, members] of configuration.members)
    for (const [repId, { joinedAt, ...member }] of members)
      yield { type: "member", podId, repId, ...member, joinedAt: iso(joinedAt) };

  const record: ReplayRecord = {
    from: START,
    until: START + MONTH_MS,
    configuration,
    accountNames: new Map(),
    moments: [],
    firstDraws: new Map(),
    decision: () => {
      throw new Error("nothing is decided yet");
    },
    lead: () => null,
  };
  const history = new History(record);
  const seqs = new Map<string, number>();
  const lines: JsonRecord[] = [];
  let now = START;
  const run = new FreeRun(
    settingOf(record, history, [chain]),
    ({ leadId, generation }, outcome) => {
      if (outcome === null) return;
      const { rule, podId, ownerId, trail } = outcome;
      const claimSeq = podId === null ? null : (seqs.get(podId) ?? 0) + 1;
      if (podId !== null && claimSeq !== null) seqs.set(podId, claimSeq);
      lines.push({
        type: "decision",
        leadId,
        generation,
        rule,
        podId,
        ownerId,
        claimSeq,
        trail,
        outcome: ownerId === null ? "unassigned" : "assigned",
        chainVersion: chain.version,
        decidedAt: iso(now),
        committedAt: iso(now),
      });
    },
  );
  const absences: JsonRecord[] = [];
  for (let number = 0; number < leads; number++) {
    now = START + Math.floor((number * MONTH_MS) / leads);
    if (number % Math.ceil(leads / 300) === 0) {
      const repId = `rep-${random.whole(0, REPS - 1)}`;
      const span = { from: iso(now), until: iso(now + random.whole(4, 48) * HOUR) };
      const event: RecordedEvent = {
        subjectType: "absence",
        subjectId: `${repId}/a${number}`,
        generation: null,
        kind: "absence_added",
        occurredAt: now,
        detail: { before: null, after: span },
      };
      for (const podId of history.advance(event)) run.adopt(podId, now);
      absences.push({ type: "absence", repId, id: `a${number}`, ...span });
      yield { type: "event", ...event, occurredAt: iso(now) };
    }
    const lead = leadOf(random, number, now);
    yield { type: "lead", ...lead, receivedAt: iso(now), erasedAt: null };
    run.advanceTo(now);
    run.route({ leadId: lead.id, generation: 1 }, chain, lead, false, now);
    yield* lines.splice(0);
  }
  yield* absences;
}

function leadOf(random: Random, number: number, receivedAt: number): Lead {
  return {
    id: `01a00000-0000-7000-8000-${String(number).padStart(12, "0")}`,
    receivedAt,
    email: null,
    phone: null,
    name: null,
    company: null,
    companyDomain: `company${random.whole(0, 5000)}.test`,
    countryCode: random.pick(["DE", "AT", "CH", "US", "FR", "GB", "JP"]),
    region: null,
    source: random.pick(["webinar", "referral", "demo request", "newsletter"]),
    score: random.chance(0.1) ? null : random.whole(0, 100),
    fields: {
      company_size: String(random.whole(1, 500)),
      message: "We would like to hear more. ".repeat(4),
    },
  };
}
