import { beforeEach, describe, expect, it, vi } from "vitest";
import { NOW } from "../../../intake/api/fakes.ts";
import { Desk, leadId } from "../../../routing/desk.ts";
import { apiClient, refusedFields } from "../api-client.ts";

const NOT_MINE = { repId: "bo", note: "Our Swiss branch has them", shouldBe: "cy" };

let desk: Desk;
let id: string;
let call: ReturnType<typeof apiClient>;

beforeEach(async () => {
  desk = new Desk();
  for (const rep of ["bo", "cy"]) desk.addRep(rep);
  call = apiClient(desk.deps);
  id = await desk.addLead(1);
});

const dispute = (lead: string, words: object = NOT_MINE) =>
  call("POST", `/leads/${lead}/dispute`, words);

async function list(query = "") {
  const { status, json } = await call("GET", `/disputes${query}`);
  const { items, nextCursor } = json as {
    items: { leadId: string; state: string }[];
    nextCursor: string | null;
  };
  return { status, items, nextCursor, leads: items.map((item) => item.leadId) };
}

describe("POST /leads/:id/dispute", () => {
  it("goes on record, for ops and in the lead's story, and changes nothing else", async () => {
    await desk.decide(id, "bo");
    const before = desk.pending();
    expect(await dispute(id)).toMatchObject({
      status: 200,
      json: { leadId: id, generation: 1, ...NOT_MINE, disputedAt: new Date(NOW).toISOString() },
    });
    expect([desk.pending(), desk.sent]).toEqual([before, []]);
    expect((await list()).items).toEqual([
      {
        id: expect.any(String),
        leadId: id,
        generation: 1,
        ...NOT_MINE,
        state: "open",
        disputedAt: new Date(NOW).toISOString(),
        disputedBy: "ana",
        decision: {
          ownerId: "bo",
          podId: "dach",
          rule: "DACH",
          reason: "bo was next in dach.",
          decidedAt: new Date(NOW + 1_200).toISOString(),
        },
      },
    ]);
    expect((await call("GET", `/leads/${id}`)).json).toMatchObject({
      events: [{ kind: "disputed", generation: 1, actor: "ana", detail: NOT_MINE }],
    });
    expect(desk.select("SELECT json_array_length(keys) AS n FROM commits WHERE no = 2")).toEqual([
      { n: 1 },
    ]);
  });

  it("need not say who should have had it", async () => {
    await desk.decide(id, "bo");
    const { shouldBe: _, ...words } = NOT_MINE;
    expect((await dispute(id, words)).json).toMatchObject({ shouldBe: null });
  });

  it("is said once of a decision, also by two at once; of the next one, again", async () => {
    await desk.decide(id, "bo");
    const both = await Promise.all([dispute(id), dispute(id)]);
    expect(both.map(({ status }) => status)).toEqual([200, 409]);
    expect(both[1]?.json).toMatchObject({ detail: expect.stringContaining("disputed already") });
    await call("POST", `/leads/${id}/assign`, { ownerId: "cy", reason: "they have them" });
    expect((await dispute(id, { repId: "cy", note: "Nor mine" })).json).toMatchObject({
      generation: 2,
    });
    expect(desk.events()).toEqual(["disputed", "assigned_by_hand", "disputed"]);
  });

  it("takes only who has the lead", async () => {
    await desk.decide(id, "cy");
    const theirs = await dispute(id);
    expect([theirs.status, refusedFields(theirs.json)]).toEqual([
      422,
      { repId: "should be who has the lead: by generation 1 it is cy's" },
    ]);
    const nobodys = await desk.addLead(2);
    await desk.decide(nobodys, null);
    expect(refusedFields((await dispute(nobodys)).json)).toEqual({
      repId: "should be who has the lead: by generation 1 nobody has it",
    });
    expect(desk.events()).toEqual([]);
  });

  it.each([
    ["undecided", () => undefined, "not decided yet"],
    [
      "closed",
      async () => {
        await desk.decide(id, "bo");
        await call("POST", `/leads/${id}/close`, { reason: "won" });
      },
      "is closed",
    ],
    [
      "erased",
      async () => {
        await desk.decide(id, "bo");
        desk.erase(id);
      },
      "was erased",
    ],
  ])("is 409 for a lead that is %s", async (_what, prepare, words) => {
    await prepare();
    expect(await dispute(id)).toMatchObject({
      status: 409,
      json: { detail: expect.stringContaining(words) },
    });
  });

  it("is 404 where no lead is", async () => {
    expect((await dispute(leadId(9))).status).toBe(404);
  });

  it.each([
    ["repId", { ...NOT_MINE, repId: undefined }],
    ["repId", { ...NOT_MINE, repId: "bo@acme.test" }],
    ["note", { ...NOT_MINE, note: " " }],
    ["note", { ...NOT_MINE, note: "ask jane@acme.com" }],
    ["note", { ...NOT_MINE, note: "call (030) 1234567" }],
    ["shouldBe", { ...NOT_MINE, shouldBe: "bo" }],
    ["shouldBe", { ...NOT_MINE, shouldBe: "nobody" }],
    ["reason", { ...NOT_MINE, reason: "x" }],
  ])("names %s in %j", async (field, words) => {
    await desk.decide(id, "bo");
    const { status, json } = await dispute(id, words);
    expect([status, Object.keys(refusedFields(json)), desk.events()]).toEqual([422, [field], []]);
  });
});

describe("GET /disputes", () => {
  async function disputed(n: number): Promise<string> {
    const lead = await desk.addLead(n);
    await desk.decide(lead, "bo", { claimSeq: n });
    await dispute(lead);
    return lead;
  }

  it("lists the open ones, and the others with what became of them", async () => {
    const [open, moved, closed, erased] = [
      await disputed(2),
      await disputed(3),
      await disputed(4),
      await disputed(5),
    ];
    await call("POST", `/leads/${moved}/assign`, { ownerId: "cy", reason: "they have them" });
    await call("POST", `/leads/${closed}/close`, { reason: "spam" });
    desk.erase(erased);
    expect((await list()).leads).toEqual([open]);
    const resolved = (await list("?state=resolved")).items;
    expect(resolved.map((item) => [item.leadId, item.state])).toEqual([
      [erased, "erased"],
      [closed, "closed"],
      [moved, "decided_again"],
    ]);
    expect((await list("?state=all")).leads).toEqual([erased, closed, moved, open]);
  });

  it("comes page by page, newest first, nothing twice and nothing missed while more come in", async () => {
    const leads: string[] = [];
    for (let n = 2; n < 9; n++) leads.push(await disputed(n));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await list(`?limit=2${cursor === null ? "" : `&cursor=${cursor}`}`);
      seen.push(...page.leads);
      cursor = page.nextCursor;
      await disputed(10 + seen.length);
    } while (cursor !== null);
    expect(seen).toEqual(leads.toReversed());
  });

  it.each(["state=closed", "limit=0", "cursor=x", "owner=bo"])("refuses ?%s by name", async (q) => {
    const { status, json } = await call("GET", `/disputes?${q}`);
    expect([status, Object.keys(refusedFields(json))]).toEqual([400, [q.split("=")[0]]]);
  });

  it.each(["", "&state=all"])(
    "is read from the index of disputes, however many events there are (%s)",
    async (query) => {
      for (const n of [2, 3]) await disputed(n);
      const { nextCursor } = await list("?limit=1");
      const prepare = vi.spyOn(desk.db, "prepare");
      await list(`?cursor=${nextCursor}${query}`);
      const sql = prepare.mock.calls.flat().find((text) => text.includes("disputed"));
      const plan = desk.select(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => String(detail));
      expect(plan).toContainEqual(
        expect.stringMatching(/^SEARCH e USING INDEX events_disputed \(.*commit_no/),
      );
      // Beside that, only rows of the leads on the page are looked up, each by its key.
      expect(plan.filter((step) => step.startsWith("SCAN") && !step.endsWith("SCAN s"))).toEqual(
        [],
      );
    },
  );
});
