import { describe, expect, it } from "vitest";
import { NOW, openWebhooks } from "./webhook-world.ts";
import { SENDER_CASES, type Post, type SenderCase } from "./senders.ts";

// One suite for every sender: what is theirs becomes a lead, and nothing else does.

const FIVE_MINUTES = 5 * 60_000;

/** A world in which a sender's secrets are set: the first alone, or both. */
function openFor({ secrets: [first, second] }: SenderCase, both = true) {
  const world = openWebhooks();
  world.secrets.set("SECRET_A", first);
  if (both) world.secrets.set("SECRET_B", second);
  return world;
}

async function expectRefused(sender: SenderCase, post: Post): Promise<void> {
  const world = openFor(sender);
  expect(await world.post(post)).toMatchObject({ status: 401, json: { message: /./ } });
  expect(world.leads()).toEqual([]);
  expect(world.sent).toEqual([]);
  expect(world.kept()).toMatchObject([{ source: sender.source.name, reason: "bad_signature" }]);
}

async function expectTaken(sender: SenderCase, post: Post): Promise<void> {
  const world = openFor(sender);
  expect(await world.post(post)).toMatchObject({ status: 200, json: {} });
  expect(world.leads()).toMatchObject([{ email: "jane@acme.test" }]);
  expect(world.sent).toHaveLength(1);
  expect(world.kept()).toEqual([]);
}

const goodOf = (sender: SenderCase) => sender.sign(sender.body(1), sender.secrets[0], NOW);

function withHeader(post: Post, name: string, value: string): Post {
  return { ...post, headers: { ...post.headers, [name]: value } };
}

describe.each(SENDER_CASES)("$name", (sender) => {
  const [secret, second] = sender.secrets;
  const good = goodOf(sender);

  it("takes what is signed with the secret, its text to the letter", async () => {
    const world = openFor(sender);
    expect((await world.post(good)).status).toBe(200);
    const [lead] = world.leads();
    expect(lead).toMatchObject({ email: "jane@acme.test", source: sender.source.sender });
    expect(lead?.fields).toMatchObject({ _source: sender.source.name });
    expect(Object.values(lead?.fields)).toContain("Köln");
  });

  it("takes what is signed with the second secret", () =>
    expectTaken(sender, sender.sign(sender.body(1), second, NOW)));

  it("refuses what is signed with another secret", async () => {
    const other = sender.name === "Standard Webhooks" ? "whsec_b3RoZXI=" : "other";
    await expectRefused(sender, sender.sign(sender.body(1), other, NOW));
  });

  it("is one lead however often it is delivered, and the lead's story says so", async () => {
    const world = openFor(sender);
    expect((await world.post(good)).status).toBe(200);
    world.clock.now += 60_000;
    const again = sender.sign(sender.body(1), second, world.clock.now);
    expect(await world.post(again)).toMatchObject({ status: 200, json: {} });
    const [lead, ...others] = world.leads();
    expect(others).toEqual([]);
    expect(world.sent).toEqual([{ leadId: lead?.id, generation: 1 }]);
    expect(world.events()).toMatchObject([
      { subject_id: lead?.id, kind: "duplicate_delivery", actor: "router" },
    ]);
    const next = sender.sign(sender.body(2), secret, world.clock.now);
    expect((await world.post(next)).status).toBe(200);
    expect(world.leads()).toHaveLength(2);
  });

  it("asks again, and keeps what came, while no secret is set", async () => {
    const world = openWebhooks();
    const { status, headers } = await world.post(good);
    const minute = sender.source.sender === "hubspot" ? "60000" : "60";
    expect([status, headers.get("Retry-After")]).toEqual([503, minute]);
    expect(world.leads()).toEqual([]);
    expect(world.kept()).toMatchObject([{ source: sender.source.name, reason: "not_configured" }]);
  });

  it("asks again for what does not fit the one secret that is set, while the other is not", async () => {
    const world = openFor(sender, false);
    expect((await world.post(sender.sign(sender.body(1), second, NOW))).status).toBe(503);
    expect(world.kept()).toMatchObject([{ reason: "not_configured" }]);
    expect((await world.post(good)).status).toBe(200);
    expect(world.leads()).toHaveLength(1);
  });

  it("keeps what it cannot read, once its sender is known, and wants no more of it", async () => {
    const world = openFor(sender);
    const body = sender.name === "Google Ads" ? `{"google_key":"${secret}"}` : "no JSON";
    const { status, json } = await world.post(sender.sign(body, secret, NOW));
    expect([status, json]).toEqual([200, {}]);
    expect(world.kept()).toMatchObject([{ source: sender.source.name, reason: "unreadable" }]);
  });
});

const SIGNED = SENDER_CASES.flatMap((sender) => {
  const { signature } = sender;
  return signature === null ? [] : [{ ...sender, signature }];
});

describe.each(SIGNED)("$name, its signature", (sender) => {
  const good = goodOf(sender);
  const written = good.headers[sender.signature] ?? "";
  const signedAs = (value: string) => withHeader(good, sender.signature, value);

  it("does not fit a body of which one byte was flipped", () =>
    expectRefused(sender, { ...good, body: good.body.replace("jane", "kane") }));

  it("does not fit an empty body", () => expectRefused(sender, { ...good, body: "" }));

  it.each(sender.headers)("is none without the header %s", async (header) => {
    const { [header]: _, ...rest } = good.headers;
    await expectRefused(sender, { ...good, headers: rest });
  });

  it.each(sender.headers)("is none with an empty header %s", (header) =>
    expectRefused(sender, withHeader(good, header, "")),
  );

  it.each(sender.headers)("is none when the header %s was sent twice", (header) =>
    // As `Headers` joins them.
    expectRefused(
      sender,
      withHeader(good, header, `${good.headers[header]}, ${good.headers[header]}`),
    ),
  );

  it("is none when it was cut or something stands behind it", async () => {
    await expectRefused(sender, signedAs(written.slice(0, -1)));
    await expectRefused(sender, signedAs(`${written}0`));
  });
});

// Tally signs what is written again: its own test is in vectors.test.ts.
describe.each(SIGNED.filter(({ name }) => name !== "Tally"))("$name", (sender) => {
  it("refuses a body that was written again, though it says the same", async () => {
    const good = goodOf(sender);
    const spaced = JSON.stringify(JSON.parse(good.body), null, 1);
    await expectRefused(sender, { ...good, body: spaced });
    await expectRefused(sender, { ...good, body: good.body.replace("ö", "\\u00f6") });
  });
});

describe.each(SIGNED.filter(({ written }) => written === "hex"))("$name", (sender) => {
  it("takes hex in upper case", async () => {
    const good = goodOf(sender);
    const written = good.headers[sender.signature] ?? "";
    const upper = written.replace(/[0-9a-f]{64}/, (hex) => hex.toUpperCase());
    expect(upper).not.toBe(written);
    await expectTaken(sender, withHeader(good, sender.signature, upper));
  });
});

describe.each(SIGNED.filter(({ written }) => written === "base64"))("$name", (sender) => {
  it("refuses base64 in upper case, which is another signature", async () => {
    const good = goodOf(sender);
    const upper = good.headers[sender.signature]?.toUpperCase() ?? "";
    await expectRefused(sender, withHeader(good, sender.signature, upper));
  });
});

describe.each(SIGNED.filter(({ isTimed }) => isTimed))("$name", (sender) => {
  const signedAt = (at: number) => sender.sign(sender.body(1), sender.secrets[0], at);

  it("takes what is five minutes old or ahead, and refuses what is more", async () => {
    for (const ago of [FIVE_MINUTES, -FIVE_MINUTES]) {
      await expectTaken(sender, signedAt(NOW - ago));
      await expectRefused(sender, signedAt(NOW - ago * 1.01));
    }
  });

  it("refuses another time than was signed", async () => {
    const [good, later] = [signedAt(NOW), signedAt(NOW + 1000)];
    const signature = (good.headers[sender.signature] ?? "").replace(
      /^t=\d+/,
      `t=${NOW / 1000 + 1}`,
    );
    await expectRefused(sender, withHeader(later, sender.signature, signature));
  });
});

describe.each(SENDER_CASES.filter(({ signature }) => signature === null))("$name", (sender) => {
  it("refuses what holds no secret", async () => {
    const good = goodOf(sender);
    const [secret] = sender.secrets;
    const path = good.path.replace(`/${secret}`, "");
    await expectRefused(sender, { ...good, path, body: good.body.replace(secret, "") });
  });
});
