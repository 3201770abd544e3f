import { createHmac } from "node:crypto";
import { source } from "lead-router";
import type { Source } from "../../../src/rules/source.ts";

// Senders as the router meets them: what they post and how they sign it, by node:crypto, so that no line of the router's
// own is its own judge. The ö catches whoever signs a text that was written again.

/** A post of a sender. */
export interface Post {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SenderCase {
  readonly name: string;
  readonly source: Source;
  /** Two secrets, as they are set. */
  readonly secrets: readonly [string, string];
  /** A lead of jane@acme.test; ids of the same `n` are the same. */
  readonly body: (n: number) => string;
  readonly sign: (body: string, secret: string, at: number) => Post;
  /** A header that holds the signature; null where nothing is signed. */
  readonly signature: string | null;
  readonly headers: readonly string[];
  /** How the signature is written; null where nothing is signed. */
  readonly written: "hex" | "base64" | null;
  readonly isTimed: boolean;
}

export const PUBLIC_URL = "https://router.example.com/in/hubspot/demo";

const SECRETS = ["SECRET_A", "SECRET_B"] as const;
const PLAIN = ["test_secret_do_not_use", "the_secret_after_it"] as const;
const WHSEC = ["whsec_dGVzdF9zZWNyZXRfZG9fbm90X3VzZQ==", "whsec_c29tZXRoaW5nX2Vsc2U="] as const;

export function hmac(secret: string | Buffer, ...parts: readonly string[]) {
  const mac = createHmac("sha256", secret);
  for (const part of parts) mac.update(part, "utf8");
  const bytes = mac.digest();
  return { hex: bytes.toString("hex"), base64: bytes.toString("base64") };
}

const seconds = (at: number) => String(Math.floor(at / 1000));

export const SENDER_CASES: readonly SenderCase[] = [
  {
    name: "Standard Webhooks",
    source: source("standard-webhooks", { key: "own", secrets: SECRETS }),
    secrets: WHSEC,
    body: (n) =>
      JSON.stringify({
        type: "contact.created",
        data: { email: "jane@acme.test", city: "Köln", n },
      }),
    sign(body, secret, at) {
      const key = Buffer.from(secret.replace("whsec_", ""), "base64");
      const id = `msg_${/"n":(\d+)/.exec(body)?.[1] ?? "1"}`;
      const headers = {
        "webhook-id": id,
        "webhook-timestamp": seconds(at),
        "webhook-signature": `v1,${hmac(key, `${id}.${seconds(at)}.`, body).base64}`,
      };
      return { path: "/in/standard-webhooks/own", headers, body };
    },
    signature: "webhook-signature",
    headers: ["webhook-id", "webhook-timestamp", "webhook-signature"],
    written: "base64",
    isTimed: true,
  },
  {
    name: "Typeform",
    source: source("typeform", { key: "contact", secrets: SECRETS }),
    secrets: PLAIN,
    body: (n) =>
      JSON.stringify({
        event_id: "e1",
        event_type: "form_response",
        form_response: {
          token: `token-${n}`,
          form_id: "lT4Z3j",
          answers: [
            { type: "email", email: "jane@acme.test", field: { id: "f1", ref: "mail" } },
            { type: "text", text: "Köln", field: { id: "f2", ref: "city" } },
          ],
        },
      }),
    sign: (body, secret) => ({
      path: "/in/typeform/contact",
      headers: { "typeform-signature": `sha256=${hmac(secret, body).base64}` },
      body,
    }),
    signature: "typeform-signature",
    headers: ["typeform-signature"],
    written: "base64",
    isTimed: false,
  },
  {
    name: "Tally",
    source: source("tally", { key: "contact", secrets: SECRETS }),
    secrets: PLAIN,
    body: (n) =>
      JSON.stringify({
        eventId: "e1",
        eventType: "FORM_RESPONSE",
        data: {
          submissionId: `s-${n}`,
          fields: [
            { key: "q1", label: "Your mail", type: "INPUT_EMAIL", value: "jane@acme.test" },
            { key: "q2", label: "City", type: "INPUT_TEXT", value: "Köln" },
          ],
        },
      }),
    sign: (body, secret) => ({
      path: "/in/tally/contact",
      headers: { "tally-signature": hmac(secret, body).base64 },
      body,
    }),
    signature: "tally-signature",
    headers: ["tally-signature"],
    written: "base64",
    isTimed: false,
  },
  {
    name: "HubSpot",
    source: source("hubspot", { key: "demo", secrets: SECRETS, url: PUBLIC_URL }),
    secrets: PLAIN,
    body: (n) =>
      JSON.stringify({
        vid: n,
        properties: { email: { value: "jane@acme.test" }, city: { value: "Köln" } },
      }),
    sign: (body, secret, at) => ({
      path: "/in/hubspot/demo",
      headers: {
        "x-hubspot-signature-v3": hmac(secret, `POST${PUBLIC_URL}`, body, String(at)).base64,
        "x-hubspot-request-timestamp": String(at),
      },
      body,
    }),
    signature: "x-hubspot-signature-v3",
    headers: ["x-hubspot-signature-v3", "x-hubspot-request-timestamp"],
    written: "base64",
    isTimed: true,
  },
  {
    name: "Calendly",
    source: source("calendly", { key: "demo", secrets: SECRETS }),
    secrets: PLAIN,
    body: (n) =>
      JSON.stringify({
        event: "invitee.created",
        payload: {
          uri: `https://api.calendly.com/scheduled_events/E/invitees/${n}`,
          email: "jane@acme.test",
          questions_and_answers: [{ question: "City", answer: "Köln", position: 0 }],
        },
      }),
    sign: (body, secret, at) => ({
      path: "/in/calendly/demo",
      headers: {
        "calendly-webhook-signature": `t=${seconds(at)},v1=${hmac(secret, `${seconds(at)}.`, body).hex}`,
      },
      body,
    }),
    signature: "calendly-webhook-signature",
    headers: ["calendly-webhook-signature"],
    written: "hex",
    isTimed: true,
  },
  {
    name: "Webflow, signed",
    source: source("webflow", { key: "site", secrets: SECRETS }),
    secrets: PLAIN,
    body: webflowBody,
    sign: (body, secret, at) => ({
      path: "/in/webflow/site",
      headers: {
        "x-webflow-signature": hmac(secret, `${at}:`, body).hex,
        "x-webflow-timestamp": String(at),
      },
      body,
    }),
    signature: "x-webflow-signature",
    headers: ["x-webflow-signature", "x-webflow-timestamp"],
    written: "hex",
    isTimed: true,
  },
  {
    name: "Webflow, secret in the path",
    source: source("webflow", { key: "dashboard", secrets: SECRETS, proof: "path" }),
    secrets: PLAIN,
    body: webflowBody,
    sign: (body, secret) => ({ path: `/in/webflow/dashboard/${secret}`, headers: {}, body }),
    signature: null,
    headers: [],
    written: null,
    isTimed: false,
  },
  {
    name: "Google Ads",
    source: source("google-ads", { key: "search", secrets: SECRETS }),
    secrets: PLAIN,
    body: (n) =>
      JSON.stringify({
        lead_id: `lead-${n}`,
        user_column_data: [
          { column_id: "EMAIL", string_value: "jane@acme.test" },
          { column_id: "CITY", string_value: "Köln" },
        ],
        google_key: PLAIN[0],
      }),
    sign: (body, secret) => ({
      path: "/in/google-ads/search",
      headers: {},
      body: body.replace(PLAIN[0], secret),
    }),
    signature: null,
    headers: [],
    written: null,
    isTimed: false,
  },
];

function webflowBody(n: number): string {
  return JSON.stringify({
    triggerType: "form_submission",
    payload: { id: `w-${n}`, name: "Contact", data: { Email: "jane@acme.test", City: "Köln" } },
  });
}

/** The case of this name. */
export function senderCase(name: string): SenderCase {
  const found = SENDER_CASES.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  return found;
}
