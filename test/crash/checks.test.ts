import { expect, test } from "vitest";
import type { Story } from "./answers.ts";
import { findBreaches, localDate, type Evidence } from "./checks.ts";
import { Journal } from "./journal.ts";
import { findSpills } from "./spills.ts";

// The crash test itself runs apart (`npm run crash`); that it would notice is checked here.

const ID = "0199a000-0000-7000-8000-000000000001";
const OTHER_ID = "0199a000-0000-7000-8000-000000000002";
const EMAIL = "lead-1@people.example";
const NOON = "2026-11-20T12:00:00.000Z";

type Decision = Story["decisions"][number];

function decided(overrides: Partial<Decision> = {}): Decision {
  return {
    generation: 1,
    outcome: "assigned",
    podId: "sdr",
    ownerId: "bo",
    decidedAt: NOON,
    ...overrides,
  };
}

function story(id: string, email: string, decisions: readonly Decision[]): Story {
  return { lead: { id, email }, decisions: [...decisions], events: [] };
}

/** One lead, posted, stored, decided, counted and told. */
function allWell(): Evidence {
  const journal = new Journal();
  journal.kills = 10;
  journal.answers.set(EMAIL, [ID, ID]);
  journal.announced.set(EMAIL, 1);
  return {
    journal,
    spills: new Set(),
    stories: [story(ID, EMAIL, [decided()])],
    leadOfAnswer: new Map([[ID, ID]]),
    pods: [podCounting({ count: 1, open: 1, received: 1 })],
    reps: [{ id: "bo", timeZone: "Europe/Stockholm", dailyCap: 1 }],
    members: [{ podId: "sdr", repId: "bo", dailyCap: 1 }],
  };
}

function podCounting(counts: { count: number; open: number; received: number }) {
  const members = [{ repId: "bo", ...counts, balance: 0 }];
  return { id: "sdr", settings: { dailyCap: null }, ledger: { at: NOON, held: 0, members } };
}

function promisesBroken(overrides: Partial<Evidence>): string[] {
  return [...new Set(findBreaches({ ...allWell(), ...overrides }).map(({ promise }) => promise))];
}

test("finds nothing when all is well", () => {
  expect(findBreaches(allWell())).toEqual([]);
});

test("a lead that was answered and is nowhere is lost", () => {
  expect(promisesBroken({ leadOfAnswer: new Map([[ID, null]]) })).toEqual(["lost"]);
});

test("a lead that only the local queue had is not", () => {
  const spills = findSpills(`WARN {"event":"lead_insert_late","leadId":"${ID}"}\n`);
  expect(promisesBroken({ leadOfAnswer: new Map([[ID, null]]), spills })).toEqual([]);
});

test("a stored lead without a decision is undecided", () => {
  const pods = [podCounting({ count: 0, open: 0, received: 0 })];
  expect(promisesBroken({ stories: [story(ID, EMAIL, [])], pods })).toEqual(["undecided"]);
});

test("a lead of two generations was decided twice", () => {
  const twice = [decided(), decided({ generation: 2, outcome: "unassigned", ownerId: null })];
  expect(promisesBroken({ stories: [story(ID, EMAIL, twice)] })).toEqual(["doubled"]);
});

test("a form that is stored twice is doubled", () => {
  const unowned = decided({ outcome: "unassigned", podId: null, ownerId: null });
  const stories = [...allWell().stories, story(OTHER_ID, EMAIL, [unowned])];
  expect(promisesBroken({ stories })).toEqual(["doubled"]);
});

test("a key that is answered with two leads is doubled", () => {
  const { journal } = allWell();
  journal.answers.set(EMAIL, [ID, OTHER_ID]);
  const leadOfAnswer = new Map([
    [ID, ID],
    [OTHER_ID, OTHER_ID],
  ]);
  expect(promisesBroken({ journal, leadOfAnswer })).toEqual(["doubled"]);
});

test("one lead too many on a local day is over the pod's cap and the rep's own", () => {
  const { journal, stories } = allWell();
  journal.announced.set("lead-2@people.example", 1);
  const more = story(OTHER_ID, "lead-2@people.example", [decided()]);
  const pods = [podCounting({ count: 2, open: 2, received: 2 })];
  const breaches = findBreaches({ ...allWell(), journal, stories: [...stories, more], pods });
  expect(breaches.map(({ what }) => what)).toEqual([
    "bo has 2 leads on 2026-11-20, own cap 1",
    "bo has 2 leads in sdr on 2026-11-20, cap 1",
  ]);
});

test("the same leads on two local days are not", () => {
  const { journal, stories } = allWell();
  journal.announced.set("lead-2@people.example", 1);
  // Half past midnight in Stockholm.
  const earlier = decided({ decidedAt: "2026-11-18T23:30:00.000Z" });
  const more = story(OTHER_ID, "lead-2@people.example", [earlier]);
  const pods = [podCounting({ count: 1, open: 2, received: 2 })];
  expect(promisesBroken({ journal, stories: [...stories, more], pods })).toEqual([]);
});

test.each(["count", "open", "received"])("a pod whose %s differs from the decisions", (field) => {
  const counts = { count: 1, open: 1, received: 1, [field]: 2 };
  expect(promisesBroken({ pods: [podCounting(counts)] })).toEqual(["miscounted"]);
});

test.each([0, 12])("a lead told of %d times in ten kills", (times) => {
  const { journal } = allWell();
  journal.announced.set(EMAIL, times);
  expect(promisesBroken({ journal })).toEqual(["told"]);
});

test("a local date is the rep's, not the server's", () => {
  expect(localDate("Pacific/Auckland", NOON)).toBe("2026-11-21");
  expect(localDate("America/Sao_Paulo", NOON)).toBe("2026-11-20");
});
