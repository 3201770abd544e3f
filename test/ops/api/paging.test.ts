import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { openWorld, type World } from "../../questions/world.ts";
import { checkAnswer } from "./contract.ts";

// Lists that are read page by page while leads come in and people act on them: nothing twice, and nothing missed of what stood
// at the start and still stands at the end.

/** What may happen between two pages, and to the how-manieth lead and rep. */
interface Act {
  readonly kind:
    | "send"
    | "assign"
    | "route"
    | "close"
    | "dispute"
    | "absence"
    | "erase"
    | "tomorrow";
  readonly lead: number;
  readonly rep: number;
}

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant("send" as const) },
    { weight: 3, arbitrary: fc.constant("assign" as const) },
    fc.constantFrom("route", "close", "dispute", "absence", "erase", "tomorrow"),
  ),
  lead: fc.nat(200),
  rep: fc.nat(6),
});

const REPS = ["bo", "chidi", "dana", "emre", "grace", "ines", "jay"];
const DAY_MS = 24 * 60 * 60_000;

let world: World;
let sent = 0;
beforeEach(async () => {
  world = await openWorld();
});

async function happen({ kind, lead, rep }: Act): Promise<void> {
  const { call, deps, moveTo, send } = world;
  const ids = world.db.sqlite.prepare("SELECT id FROM leads ORDER BY id").all();
  const id = String(ids[lead % ids.length]?.["id"]);
  const repId = REPS[rep] ?? "bo";
  const reason = "because";
  if (kind === "send") {
    const country = ["Germany", "France", "Austria"][lead % 3] ?? "";
    await send({ email: `new-${++sent}@late.example`, country, score: lead % 100 });
  }
  if (kind === "assign") await call("POST", `/leads/${id}/assign`, { ownerId: repId, reason });
  if (kind === "route") await call("POST", `/leads/${id}/route`, { force: true, reason });
  if (kind === "close") await call("POST", `/leads/${id}/close`, { reason });
  if (kind === "dispute") {
    const { json } = await call("GET", `/leads/${id}`);
    await call("POST", `/leads/${id}/dispute`, { repId: json.lead.ownerId ?? "bo", note: reason });
  }
  if (kind === "absence") {
    const span = { from: "2026-12-24T00:00:00Z", until: "2026-12-27T00:00:00Z" };
    await call("PUT", `/reps/${repId}/absences/a-${lead}`, span);
  }
  if (kind === "erase") await call("DELETE", `/leads/${id}`);
  // Whatever is on its way gets there, or not yet.
  await moveTo(deps.now() + (kind === "tomorrow" ? DAY_MS : 50 * (lead % 60)));
}

async function readPage(path: string, limit: number, cursor: string) {
  const url = `${path}${path.includes("?") ? "&" : "?"}limit=${limit}${cursor && `&cursor=${cursor}`}`;
  const { status, headers, json } = await world.call("GET", url);
  checkAnswer("GET", `/api${url}`, status, headers.get("content-type"), json);
  expect(status).toBe(200);
  return json;
}

/** The names of all items, page by page; between two pages something happens. */
async function readAll(list: List, limit: number, acts: readonly Act[] = []): Promise<string[]> {
  const names: string[] = [];
  const left = [...acts];
  for (let cursor = ""; ;) {
    const { items, nextCursor } = await readPage(list.path, limit, cursor);
    names.push(...items.map(list.nameOf));
    // The newest end of the audit never ends by itself: what is left to happen has happened, and the page was empty.
    if (nextCursor === null || (items.length === 0 && left.length === 0)) return names;
    cursor = nextCursor;
    const next = left.shift();
    if (next !== undefined) await happen(next);
  }
}

interface List {
  readonly path: string;
  readonly nameOf: (item: any) => string;
}

const ofAudit = ({ type, commitNo, leadId, generation, id }: any) =>
  [type, commitNo, leadId, generation, id].join(" ");

const LISTS: readonly List[] = [
  { path: "/audit", nameOf: ofAudit },
  { path: "/audit?order=asc", nameOf: ofAudit },
  { path: "/audit?subject=lead&type=event", nameOf: ofAudit },
  { path: "/audit?owner=ines&order=asc", nameOf: ofAudit },
  { path: "/leads", nameOf: ({ lead }) => lead.id },
  { path: "/leads?order=asc", nameOf: ({ lead }) => lead.id },
  { path: "/leads?owner=ines", nameOf: ({ lead }) => lead.id },
  { path: "/leads?owner=ines&order=asc", nameOf: ({ lead }) => lead.id },
  { path: "/leads?outcome=unassigned", nameOf: ({ lead }) => lead.id },
  { path: "/leads?source=website", nameOf: ({ lead }) => lead.id },
  { path: "/unassigned", nameOf: ({ lead, decision }) => `${lead.id} ${decision.generation}` },
  {
    path: "/reps/ines/skipped?from=2026-11-23T00:00:00Z",
    nameOf: ({ leadId, generation, rule }) => [leadId, generation, rule].join(" "),
  },
  { path: "/disputes", nameOf: ({ id }) => id },
  { path: "/disputes?state=all", nameOf: ({ id }) => id },
  {
    path: "/stuck",
    nameOf: ({ leadId, generation, waitsFor }) => [leadId, generation, waitsFor].join(" "),
  },
];

it.each(["asc", "desc"])(
  "a lead that comes back to its owner on another day is read once (%s)",
  async (order) => {
    const list = `/leads?owner=dana&order=${order}`;
    const before = (await readPage(list, 200, "")).items.map(({ lead }: any) => lead.id);
    // The oldest is on the last page or on the first; it comes back to her while the pages are read.
    const oldest = order === "asc" ? before[0] : before.at(-1);
    const first = await readPage(list, 3, "");
    await world.moveTo(Date.UTC(2026, 10, 25, 9));
    const reason = "because";
    for (const ownerId of ["bo", "dana"])
      await world.call("POST", `/leads/${oldest}/assign`, { ownerId, reason });
    const { json } = await world.call("GET", `/leads/${oldest}`);
    expect(json.lead.ownerId).toBe("dana");

    const rest = await readPage(list, 200, first.nextCursor);
    expect([...first.items, ...rest.items].map(({ lead }: any) => lead.id)).toEqual(before);
  },
);

describe.each(LISTS)("GET $path", (list) => {
  it("holds nothing twice and misses nothing", { timeout: 60_000 }, async () => {
    const property = fc.asyncProperty(
      fc.array(act, { minLength: 5, maxLength: 12 }),
      fc.integer({ min: 1, max: 6 }),
      async (acts, limit) => {
        const before = await readAll(list, 200);
        const during = await readAll(list, limit, acts);
        const after = new Set(await readAll(list, 200));

        expect(during.filter((name, at) => during.indexOf(name) !== at)).toEqual([]);
        const stood = before.filter((name) => after.has(name));
        expect(stood.filter((name) => !during.includes(name))).toEqual([]);
      },
    );
    await fc.assert(property, { numRuns: 8 });
  });
});
