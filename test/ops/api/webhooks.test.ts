import { source } from "lead-router";
import { describe, expect, it } from "vitest";
import { NOW, openWebhooks } from "../../intake/webhooks/webhook-world.ts";
import { SENDER_CASES, senderCase } from "../../intake/webhooks/senders.ts";
import { apiClient, READER, refusedFields } from "./api-client.ts";

const typeform = senderCase("Typeform");
const DAY_MS = 24 * 60 * 60_000;

function openApi(overrides: Parameters<typeof openWebhooks>[0] = {}) {
  const world = openWebhooks(overrides);
  return { ...world, call: apiClient(world.deps) };
}

/** The items of a page. */
function itemsOf(json: unknown): readonly { readonly id: string }[] {
  return typeof json === "object" && json !== null && "items" in json && Array.isArray(json.items)
    ? json.items
    : [];
}

describe("GET /webhooks/unclaimed", () => {
  it("lists what became no lead, oldest first, by reason, a page at a time", async () => {
    const world = openApi();
    for (let n = 1; n <= 3; n++) {
      await world.post(typeform.sign(typeform.body(n), typeform.secrets[0], NOW));
      world.clock.now += 1000;
    }
    world.secrets.set("SECRET_A", typeform.secrets[0]).set("SECRET_B", typeform.secrets[1]);
    await world.post(typeform.sign(typeform.body(4), "wrong", NOW));

    const all = await world.call("GET", "/webhooks/unclaimed", undefined, {
      Authorization: READER,
    });
    expect(all.json).toMatchObject({
      items: [
        {
          source: "typeform/contact",
          reason: "not_configured",
          receivedAt: "2026-11-22T09:30:00.000Z",
          expiresAt: "2026-11-29T09:30:00.000Z",
          bytes: Buffer.byteLength(typeform.body(1)),
        },
        { reason: "not_configured" },
        { reason: "not_configured" },
        { reason: "bad_signature" },
      ],
      nextCursor: null,
    });
    expect(all.text).not.toContain("jane");

    const query = "/webhooks/unclaimed?reason=not_configured&limit=2";
    const first = await world.call("GET", query);
    const nextCursor =
      typeof first.json === "object" && first.json !== null && "nextCursor" in first.json
        ? String(first.json.nextCursor)
        : "";
    const second = await world.call("GET", `${query}&cursor=${nextCursor}`);
    expect([...itemsOf(first.json), ...itemsOf(second.json)]).toEqual(
      itemsOf(all.json).slice(0, 3),
    );
    expect(second.json).toMatchObject({ nextCursor: null });
  });

  it("names a reason that there is not", async () => {
    const { status, json } = await openApi().call("GET", "/webhooks/unclaimed?reason=spam");
    expect(status).toBe(400);
    expect(refusedFields(json)).toHaveProperty("reason");
  });
});

describe.each(SENDER_CASES)("$name: what came while its secret was not set", (sender) => {
  const good = sender.sign(sender.body(1), sender.secrets[0], NOW);

  /** A router that was sent one delivery, and two days later gets its secret. */
  async function openMended() {
    const world = openApi();
    expect((await world.post(good)).status).toBe(503);
    const [kept] = itemsOf((await world.call("GET", "/webhooks/unclaimed")).json);
    const path = `/webhooks/unclaimed/${kept?.id}`;
    return {
      ...world,
      path,
      async mend() {
        world.clock.now += 2 * DAY_MS;
        world.secrets.set("SECRET_A", sender.secrets[0]).set("SECRET_B", sender.secrets[1]);
      },
    };
  }

  it("is shown as it came, but for a secret in it", async () => {
    const { call, path } = await openMended();
    const { json, text } = await call("GET", path);
    expect(json).toMatchObject({ reason: "not_configured", body: expect.stringContaining("Köln") });
    expect(text).not.toContain(sender.secrets[0]);
  });

  it("waits until the secret is set, then becomes a lead once, and is kept no more", async () => {
    const world = await openMended();
    const early = await world.call("POST", `${world.path}/replay`);
    expect([early.status, early.text]).toEqual([409, expect.stringContaining("secret")]);
    expect(world.leads()).toEqual([]);

    await world.mend();
    const replayed = await world.call("POST", `${world.path}/replay`);
    const [lead, ...others] = world.leads();
    expect(others).toEqual([]);
    expect(lead).toMatchObject({ email: "jane@acme.test" });
    expect(replayed).toMatchObject({
      status: 200,
      json: { leads: [{ leadId: lead?.id, outcome: "received" }] },
    });
    expect(world.kept()).toEqual([]);
    expect(JSON.stringify(world.events())).not.toContain("jane");
    expect(world.events()).toMatchObject([
      { subject_type: "delivery", kind: "replayed", actor: "ana" },
    ]);

    const again = await world.call("POST", `${world.path}/replay`);
    expect([again.status, again.json]).toEqual([200, replayed.json]);
    expect(world.leads()).toHaveLength(1);
    expect(world.events()).toHaveLength(1);
    expect((await world.call("GET", world.path)).status).toBe(404);
  });

  it("is one lead when two take it at once", async () => {
    const world = await openMended();
    await world.mend();
    const both = await Promise.all([1, 2].map(() => world.call("POST", `${world.path}/replay`)));
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(both[0]?.json).toEqual(both[1]?.json);
    expect(world.leads()).toHaveLength(1);
    expect(world.events().filter(({ kind }) => kind === "replayed")).toHaveLength(1);
  });

  it("is the lead that the sender's own next try became", async () => {
    const world = await openMended();
    await world.mend();
    const retry = sender.sign(sender.body(1), sender.secrets[0], world.clock.now);
    expect((await world.post(retry)).status).toBe(200);
    const [lead] = world.leads();
    const { json } = await world.call("POST", `${world.path}/replay`);
    expect(json).toMatchObject({ leads: [{ leadId: lead?.id, outcome: "duplicate" }] });
    expect(world.leads()).toHaveLength(1);
  });
});

describe("POST /webhooks/unclaimed/{id}/replay", () => {
  const good = typeform.sign(typeform.body(1), typeform.secrets[0], NOW);

  async function keptId(world: ReturnType<typeof openApi>): Promise<string> {
    return itemsOf((await world.call("GET", "/webhooks/unclaimed")).json)[0]?.id ?? "";
  }

  it("takes what came under a retired key, if it fits the secrets of today", async () => {
    const moved = source("typeform", { key: "new", secrets: ["SECRET_A"], retired: ["contact"] });
    const world = openApi({ sources: [moved] });
    world.secrets.set("SECRET_A", typeform.secrets[0]);
    await world.post(good);
    world.clock.now += 1;
    await world.post(typeform.sign(typeform.body(2), "wrong", NOW));
    const [fits, not] = itemsOf((await world.call("GET", "/webhooks/unclaimed")).json);
    expect((await world.call("POST", `/webhooks/unclaimed/${fits?.id}/replay`)).status).toBe(200);
    expect((await world.call("POST", `/webhooks/unclaimed/${not?.id}/replay`)).status).toBe(409);
    expect(world.leads()).toHaveLength(1);
  });

  it("takes nothing whose source is gone from rules.ts", async () => {
    const world = openApi();
    await world.post(good);
    const call = apiClient({ ...world.deps, sources: [] });
    const path = `/webhooks/unclaimed/${await keptId(world)}/replay`;
    expect(await call("POST", path)).toMatchObject({ status: 409 });
    expect(world.kept()).toHaveLength(1);
  });

  it("takes no signature that was stale when it came", async () => {
    const calendly = senderCase("Calendly");
    const world = openApi();
    world.secrets.set("SECRET_A", calendly.secrets[0]).set("SECRET_B", calendly.secrets[1]);
    await world.post(calendly.sign(calendly.body(1), calendly.secrets[0], NOW - DAY_MS));
    const path = `/webhooks/unclaimed/${await keptId(world)}/replay`;
    const { status, text } = await world.call("POST", path);
    expect([status, text]).toEqual([409, expect.stringContaining("not_of_now")]);
  });

  it("loses nothing when neither D1 nor the queue takes the lead", async () => {
    const world = openApi();
    await world.post(good);
    world.secrets.set("SECRET_A", typeform.secrets[0]).set("SECRET_B", typeform.secrets[1]);
    const path = `/webhooks/unclaimed/${await keptId(world)}/replay`;
    const isAway = () => Promise.reject(new Error("Network connection lost."));
    let calls = 0;
    const db = world.db.through(async (call) => (++calls === 1 ? call() : isAway()));
    const broken = apiClient({ ...world.deps, db, leads: { send: isAway } });
    expect((await broken("POST", path)).status).toBe(503);
    expect((await world.call("POST", path)).status).toBe(200);
    expect(world.leads()).toHaveLength(1);
  });

  it("finds nothing under an id that was never given, nor after seven days", async () => {
    const world = openApi();
    expect((await world.call("POST", "/webhooks/unclaimed/x/replay")).status).toBe(404);
    await world.post(good);
    const id = await keptId(world);
    world.clock.now += 7 * DAY_MS + 1;
    expect((await world.call("GET", `/webhooks/unclaimed/${id}`)).status).toBe(404);
    expect((await world.call("POST", `/webhooks/unclaimed/${id}/replay`)).status).toBe(404);
  });

  it("is for those who may write", async () => {
    const { call } = openApi();
    const headers = { Authorization: READER };
    expect((await call("POST", "/webhooks/unclaimed/x/replay", undefined, headers)).status).toBe(
      403,
    );
  });
});
