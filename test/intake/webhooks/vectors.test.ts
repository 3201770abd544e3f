import { createHash } from "node:crypto";
import { source } from "lead-router";
import { describe, expect, it } from "vitest";
import { adapterOf } from "../../../src/intake/webhooks/delivery.ts";
import type { Source } from "../../../src/rules/source.ts";
import { hmac, PUBLIC_URL } from "./senders.ts";

// Fixed vectors: HubSpot's and Standard Webhooks' were made by those vendors' own packages, the others by Node and Python.

const SECRET = "test_secret_do_not_use";
const BODY = '{"hello":"wörld","n":1}';
const AT = 1_767_225_600_000;
const settings = { key: "demo", secrets: ["SECRET"] } as const;

function doubtOf(
  declared: Source,
  headers: Readonly<Record<string, string>>,
  { body = BODY, secret = SECRET, now = AT } = {},
) {
  const delivery = { body: new TextEncoder().encode(body), headers, pathSecret: null };
  return adapterOf(declared).findDoubt(delivery, { secrets: [secret], now, url: declared.url });
}

it("is of these 24 bytes", () => {
  expect(Buffer.byteLength(BODY)).toBe(24);
  expect(createHash("sha256").update(BODY).digest("hex")).toBe(
    "a10017d55a5cb777dedfab10d55e4768f7ff7bb1f37c5c758d56e3022be406ae",
  );
});

const VECTORS = [
  {
    declared: source("typeform", settings),
    headers: { "typeform-signature": "sha256=MuN9a0D7H4+sb2xAib/pNAJnC4fFkM6VNGqIoT09bqc=" },
  },
  {
    declared: source("tally", settings),
    headers: { "tally-signature": "MuN9a0D7H4+sb2xAib/pNAJnC4fFkM6VNGqIoT09bqc=" },
  },
  {
    declared: source("calendly", settings),
    headers: {
      "calendly-webhook-signature":
        "t=1767225600,v1=ae03757740d7548b845f10f636c023b06212d87ca9ef0768793263e36b9fa7cf",
    },
  },
  {
    declared: source("webflow", settings),
    headers: {
      "x-webflow-timestamp": "1767225600000",
      "x-webflow-signature": "d5a430e7b9e91920c815056850e529401963eb64a4be203c0d12bc15ec49c98e",
    },
  },
  {
    declared: source("hubspot", { ...settings, url: PUBLIC_URL }),
    headers: {
      "x-hubspot-request-timestamp": "1767225600000",
      "x-hubspot-signature-v3": "oQiOlcQ5Za2FTxbgR9+JZo4T7a89raieWCCZAquzWiY=",
    },
  },
  {
    declared: source("standard-webhooks", settings),
    secret: "whsec_dGVzdF9zZWNyZXRfZG9fbm90X3VzZQ==",
    headers: {
      "webhook-id": "msg_1",
      "webhook-timestamp": "1767225600",
      "webhook-signature": "v1,teoL741fjS4sTZWdOOmaoshWsjIalFN4AQQBYYNHPfU=",
    },
  },
];

describe.each(VECTORS)("$declared.sender", ({ declared, headers, secret = SECRET }) => {
  it("knows the signature of the vector", async () => {
    expect(await doubtOf(declared, headers, { secret })).toBeNull();
  });

  it("knows it of no other body and no other secret", async () => {
    expect(await doubtOf(declared, headers, { secret, body: BODY.replace("ö", "o") })).toBe(
      "mismatch",
    );
    expect(await doubtOf(declared, headers, { secret: "whsec_b3RoZXI=" })).toBe("mismatch");
  });
});

describe("Tally", () => {
  const tally = source("tally", settings);
  const spaced = JSON.stringify(JSON.parse(BODY), null, 2);

  it("may sign the bytes that it sends, or the same written again", async () => {
    for (const signed of [spaced, BODY]) {
      const headers = { "tally-signature": hmac(SECRET, signed).base64 };
      expect(await doubtOf(tally, headers, { body: spaced })).toBeNull();
    }
  });

  it("is not known by a body that cannot be written again", async () => {
    const headers = { "tally-signature": hmac(SECRET, BODY).base64 };
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    for (const body of ["", "no JSON", deep])
      expect(await doubtOf(tally, headers, { body })).toBe("mismatch");
  });
});

describe("Standard Webhooks", () => {
  const own = source("standard-webhooks", settings);
  const secret = "whsec_dGVzdF9zZWNyZXRfZG9fbm90X3VzZQ==";
  const signature = "v1,teoL741fjS4sTZWdOOmaoshWsjIalFN4AQQBYYNHPfU=";
  const headers = { "webhook-id": "msg_1", "webhook-timestamp": "1767225600" };

  it("may offer several signatures, also of schemes that are not known here", async () => {
    const other = `v1,${hmac("other", BODY).base64}`;
    for (const offered of [
      `${other} ${signature}`,
      `v1a,c29tZXRoaW5n ${signature}`,
      `v1,?? ${signature}`,
    ])
      expect(
        await doubtOf(own, { ...headers, "webhook-signature": offered }, { secret }),
      ).toBeNull();
    for (const offered of [other, signature.replace("v1", "v2"), signature.slice(3)])
      expect(await doubtOf(own, { ...headers, "webhook-signature": offered }, { secret })).toBe(
        "mismatch",
      );
  });

  it("says of a secret that is none of its scheme that it is our mistake", async () => {
    const sent = { ...headers, "webhook-signature": signature };
    for (const none of ["whsec_", "not base64!", "whsec_abcde"])
      expect(await doubtOf(own, sent, { secret: none })).toBe("unusable_secret");
  });
});

it("HubSpot's signature fits the URL that stands in HubSpot, and no other", async () => {
  const elsewhere = source("hubspot", {
    ...settings,
    url: "https://elsewhere.example.com/in/hubspot/demo",
  });
  expect(await doubtOf(elsewhere, VECTORS[4]?.headers ?? {})).toBe("mismatch");
});
