import { source } from "lead-router";
import { describe, expect, it } from "vitest";
import { MAX_BODY_BYTES } from "../../../src/intake/webhooks/webhook-endpoint.ts";
import { NOW, openWebhooks } from "./webhook-world.ts";
import { senderCase, SENDER_CASES, type SenderCase } from "./senders.ts";

const typeform = senderCase("Typeform");
const google = senderCase("Google Ads");
const SECRETS = { SECRET_A: typeform.secrets[0], SECRET_B: typeform.secrets[1] };

function openReady(overrides: Parameters<typeof openWebhooks>[0] = {}) {
  const world = openWebhooks(overrides);
  for (const [name, value] of Object.entries(SECRETS)) world.secrets.set(name, value);
  return world;
}

const signed = (sender: SenderCase, n = 1, at = NOW) =>
  sender.sign(sender.body(n), sender.secrets[0], at);

const isAway = () => Promise.reject(new Error("Network connection lost."));

describe("a URL", () => {
  it("that nobody was ever given is not found, and nothing of it is stored", async () => {
    const world = openReady();
    const good = signed(typeform);
    for (const path of ["/in/typeform/other", "/in/mailchimp/contact", "/in/__proto__/contact"])
      expect(await world.post({ ...good, path })).toMatchObject({ status: 404 });
    expect([world.leads(), world.kept(), world.alarms()]).toEqual([[], [], []]);
  });

  it("that was retired asks again, keeps what came and tells ops", async () => {
    const retiring = source("typeform", {
      key: "new",
      secrets: ["SECRET_A"],
      retired: ["contact"],
    });
    const world = openReady({ sources: [retiring] });
    expect((await world.post(signed(typeform))).status).toBe(503);
    expect(world.leads()).toEqual([]);
    expect(world.kept()).toMatchObject([{ source: "typeform/contact", reason: "retired_key" }]);
    expect(world.alarms()).toMatchObject([{ source: "typeform/contact", reason: "retired_key" }]);
  });

  it("that was given up on purpose is gone", async () => {
    const archived = source("typeform", { key: "contact", secrets: ["SECRET_A"], archived: true });
    const world = openReady({ sources: [archived] });
    expect((await world.post(signed(typeform))).status).toBe(410);
    expect([world.leads(), world.kept()]).toEqual([[], []]);
  });
});

describe("what is sent", () => {
  it("may not be larger than can be kept", async () => {
    const world = openReady();
    const large = typeform.sign("x".repeat(MAX_BODY_BYTES + 1), typeform.secrets[0], NOW);
    expect((await world.post(large)).status).toBe(413);
    expect(world.kept()).toEqual([]);
    const largest = typeform.sign("x".repeat(MAX_BODY_BYTES), typeform.secrets[0], NOW);
    expect((await world.post(largest)).status).toBe(200);
    expect(world.kept()).toMatchObject([{ reason: "unreadable", bytes: MAX_BODY_BYTES }]);
  });

  it("is kept when it is too large a lead to be safe on its way", async () => {
    const world = openReady();
    const body = typeform.body(1).replace("Köln", "ö".repeat(100_000));
    expect((await world.post(typeform.sign(body, typeform.secrets[0], NOW))).status).toBe(200);
    expect(world.leads()).toEqual([]);
    expect(world.kept()).toMatchObject([{ reason: "too_large" }]);
  });

  it("is kept when nobody can be answered", async () => {
    const world = openReady();
    const body = typeform.body(1).replace("jane@acme.test", "");
    expect((await world.post(typeform.sign(body, typeform.secrets[0], NOW))).status).toBe(200);
    expect(world.leads()).toEqual([]);
    expect(world.kept()).toMatchObject([{ reason: "no_contact" }]);
  });

  it("is not asked for again when there is nothing in it", async () => {
    const world = openReady();
    const body = typeform.body(1).replace('"form_response"', '"form_response_partial"');
    expect((await world.post(typeform.sign(body, typeform.secrets[0], NOW))).status).toBe(200);
    expect([world.leads(), world.kept()]).toEqual([[], []]);
  });

  it("by Google as a test reaches the quarantine, and no rep", async () => {
    const world = openReady();
    const body = google.body(1).replace("{", '{"is_test":true,');
    for (let times = 0; times < 2; times++)
      expect((await world.post({ ...signed(google), body })).status).toBe(200);
    expect([world.leads(), world.sent]).toEqual([[], []]);
    expect(world.quarantined()).toMatchObject([
      { door: "webhook:google-ads/search", reason: "test" },
    ]);
  });

  it("is never quoted in the log, nor is a secret", async () => {
    const world = openReady();
    for (const sender of SENDER_CASES) {
      await world.post(signed(sender));
      await world.post({ ...signed(sender), body: `${sender.body(2)} ` });
      await world.post(sender.sign("{}", sender.secrets[0], NOW));
    }
    const logged = JSON.stringify(world.logged);
    for (const said of ["jane", "Köln", ...typeform.secrets]) expect(logged).not.toContain(said);
    expect(JSON.stringify(world.events())).not.toContain("jane");
  });
});

describe("an outage", () => {
  const stall = () => new Promise<never>(() => {});

  it("of D1 sends the lead on its way by the queue, and the sender sees no difference", async () => {
    const { db } = openReady();
    for (const network of [isAway, stall]) {
      const sleep = () => new Promise<void>((resolve) => setImmediate(resolve));
      const world = openReady({ db: db.through(network), sleep });
      expect(await world.post(signed(typeform))).toMatchObject({ status: 200, json: {} });
      expect(world.sent).toMatchObject([{ spilled: { lead: { email: "jane@acme.test" } } }]);
    }
  });

  it("of D1 and the queue asks again", async () => {
    const world = openReady({
      db: openReady().db.through(isAway),
      leads: { send: isAway },
    });
    const { status, headers } = await world.post(signed(typeform));
    expect([status, headers.get("Retry-After")]).toEqual([503, "60"]);
    const hubspot = await world.post(signed(senderCase("HubSpot")));
    expect([hubspot.status, hubspot.headers.get("Retry-After")]).toEqual([503, "60000"]);
  });

  it("of D1 asks again for what would be lost, as it cannot be kept", async () => {
    const world = openReady({ db: openReady().db.through(isAway) });
    const unreadable = typeform.sign("no JSON", typeform.secrets[0], NOW);
    expect((await world.post(unreadable)).status).toBe(503);
    const wrong = typeform.sign(typeform.body(1), "wrong", NOW);
    expect((await world.post(wrong)).status).toBe(401);
  });

  it("that nobody foresaw is our mistake, and says nothing of it", async () => {
    const world = openReady({
      secret: () => {
        throw new Error("jane@acme.test");
      },
    });
    const { status, json } = await world.post(signed(typeform));
    expect(status).toBe(503);
    expect(JSON.stringify([json, world.logged])).not.toContain("jane");
  });
});

describe("what is kept", () => {
  const wrong = (n: number) => typeform.sign(typeform.body(n), "wrong", NOW);

  it("is kept once, however often it is sent again", async () => {
    const world = openReady();
    for (let times = 0; times < 5; times++) {
      expect((await world.post(wrong(1))).status).toBe(401);
      world.clock.now += 3 * 60_000;
    }
    expect(world.kept()).toHaveLength(1);
  });

  it("is bounded by number in an hour, source by source", async () => {
    const world = openReady();
    for (let n = 0; n < 70; n++) expect((await world.post(wrong(n))).status).toBe(401);
    expect(world.kept()).toHaveLength(60);
    const tally = senderCase("Tally");
    await world.post(tally.sign(tally.body(1), "wrong", NOW));
    expect(world.kept()).toHaveLength(61);
    world.clock.now += 60 * 60_000 + 1;
    await world.post(wrong(100));
    expect(world.kept()).toHaveLength(62);
    // What an attacker fills keeps no lead out.
    expect((await world.post(signed(typeform))).status).toBe(200);
    expect(world.leads()).toHaveLength(1);
  });

  it("is not even looked at while a flood of it comes in", async () => {
    const keys: string[] = [];
    const world = openReady({
      allow: async (limit, key) => {
        keys.push(`${limit} ${key}`);
        return false;
      },
    });
    expect((await world.post(wrong(1))).status).toBe(401);
    expect([world.kept(), world.alarms()]).toEqual([[], []]);
    expect((await world.post(signed(typeform))).status).toBe(200);
    expect(keys).toEqual(["REFUSALS webhook:typeform/contact"]);
    const unlimited = openReady({ allow: isAway });
    expect((await unlimited.post(wrong(1))).status).toBe(401);
    expect(unlimited.kept()).toHaveLength(1);
  });

  it("is bounded by its size in an hour", async () => {
    const world = openReady();
    for (const letter of "abcde")
      await world.post(typeform.sign(letter.repeat(400_000), "wrong", NOW));
    expect(world.kept()).toHaveLength(2);
  });
});
