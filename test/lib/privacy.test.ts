import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import {
  findCanaries,
  IDEMPOTENCY_KEY,
  PERSON,
  quotingError,
  REP,
  SECRETS,
  TURNSTILE_TOKEN,
} from "./canaries.ts";
import { leadText, openCanaryRouter, type CanaryRouter } from "./canary-router.ts";

const JSON_TYPE = { "content-type": "application/json" };

/** Everything that comes in by a public door, good and bad. Yields the ids that were answered. */
async function knock(router: CanaryRouter): Promise<string[]> {
  const ids: string[] = [];
  const post = async (
    path: string,
    body: BodyInit,
    headers: Record<string, string> = JSON_TYPE,
  ) => {
    const { text } = await router.ask("POST", path, body, headers);
    ids.push(...(/"id":"([^"]+)"/.exec(text)?.slice(1) ?? []));
  };
  const keyed = { ...JSON_TYPE, "idempotency-key": IDEMPOTENCY_KEY };
  const params = new URLSearchParams({ ...PERSON });
  const multipart = new FormData();
  for (const [name, value] of Object.entries(PERSON)) multipart.set(name, value);

  await post("/leads", leadText());
  await post("/leads", leadText({ source: "poison" }));
  await post("/leads", leadText({ source: "thrower" }));
  await post("/leads", leadText(), keyed);
  await post("/leads", leadText({ message: "canary: another under the same key" }), keyed);
  await post("/leads", leadText(), { ...JSON_TYPE, "idempotency-key": "canary\u00e9" });
  await post("/leads", params, {});
  await post("/leads", multipart, {});
  await post("/leads", leadText({ email: "canary at canary", phone: "canary" }));
  await post("/leads", JSON.stringify({ message: PERSON.message }));
  await post("/leads", leadText({ message: "canary ".repeat(40_000) }));
  await post("/leads", `{"email": "${PERSON.email}"`);
  await post("/leads", leadText(), { "content-type": "text/canary" });
  for (const form of ["contact", "guarded", "canary-form"]) {
    const captcha = { ...PERSON, "cf-turnstile-response": TURNSTILE_TOKEN };
    await post(`/f/${form}`, new URLSearchParams(captcha), {});
    await post(`/f/${form}`, new URLSearchParams({ ...captcha, _gotcha: "canary" }), {});
    await post(`/f/${form}`, new URLSearchParams({ ...captcha, email: "canary" }), {});
  }
  const typeform = JSON.stringify({
    event_id: "e1",
    event_type: "form_response",
    form_response: {
      token: "canary-token",
      answers: [{ type: "email", email: PERSON.email, field: { id: "f1", ref: "email" } }],
    },
  });
  const sign = (body: string, secret: string) => ({
    "typeform-signature": `sha256=${createHmac("sha256", secret).update(body).digest("base64")}`,
  });
  const odd = `{"canary": "${PERSON.email}`;
  await post("/in/typeform/contact", typeform, sign(typeform, SECRETS.SECRET_A));
  await post("/in/typeform/contact", typeform, sign(typeform, "canary-wrong"));
  await post("/in/typeform/contact", odd, sign(odd, SECRETS.SECRET_A));
  await post(`/in/webflow/dashboard/${SECRETS.SECRET_A}`, typeform);
  await post("/in/webflow/dashboard/canary-wrong", typeform);
  await post("/in/typeform/contact", "canary ".repeat(80_000), {});
  return ids.filter((id) => /^[0-9a-f-]{36}$/.test(id));
}

/** Calls of the API, allowed and not, right and wrong, about these leads. */
async function operate(router: CanaryRouter, ids: readonly string[]): Promise<void> {
  const { email } = PERSON;
  await router.ask("GET", "/api/leads", null, { Authorization: "Bearer canary-stale-token" });
  await router.ask("GET", "/api/leads", null, { Authorization: "Bearer canary-read-token canary" });
  await router.ask("PUT", "/api/reps/bo", "{}", { Authorization: "Bearer canary-read-token" });
  await router.api("GET", `/leads?email=${encodeURIComponent(email)}`);
  await router.api("GET", `/audit?actor=${encodeURIComponent(email)}`);
  await router.api("PUT", "/reps/bo", { ...REP, timeZone: "Canary/Island" });
  await router.api("PUT", "/reps/bo", { name: REP.name, email: REP.email, timeZone: "UTC" });
  await router.api("PUT", "/reps/bo/absences/ill", {
    from: "2026-11-24T00:00:00Z",
    until: "2026-11-23T00:00:00Z",
    note: REP.note,
  });
  await router.api("PUT", "/accounts/canary-mail.test", { accountId: "a1", name: "Canary Mail" });
  await router.api("POST", "/simulate", JSON.parse(leadText({ score: "canary" })));
  for (const [nth, id] of ids.entries()) {
    await router.api("GET", `/leads/${id}`);
    await router.api("POST", `/leads/${id}/route`, { force: true, reason: "the wrong region" });
    await router.api("POST", `/leads/${id}/assign`, { ownerId: "nobody", reason: "knows them" });
    await router.api("POST", `/leads/${id}/assign`, { ownerId: "bo", reason: "knows them" });
    await router.api("POST", `/leads/${id}/assign`, { ownerId: "bo", reason: `mail ${email}` });
    await router.api("POST", `/leads/${id}/close`, { reason: "done" });
    if (nth % 3 === 0) await router.api("DELETE", `/leads/${id}`);
  }
  for (const path of [
    "quarantine",
    "webhooks/unclaimed",
    "unassigned",
    "stuck",
    "health",
    "alerts",
  ])
    await router.api("GET", `/${path}`);
  await router.api("GET", "/health/consistency");
  await router.api("GET", "/pods/sdr");
  await router.ask("POST", "/api/accounts/import", `domain\n"${email}`, {
    Authorization: `Bearer ${SECRETS.API_TOKENS.split(":")[2]?.split(",")[0]}`,
    "content-type": "text/csv",
  });
}

/** All of it, by way of every queue and the cron. */
async function work(router: CanaryRouter, known: readonly string[] = []): Promise<string[]> {
  const ids = await knock(router);
  await router.pump();
  await operate(router, [...known, ...ids].slice(0, 4));
  await router.pump(2);
  await router.cron();
  await router.pump(3);
  await router.bury([...known, ...ids].slice(0, 4).map((leadId) => ({ leadId, generation: 1 })));
  return ids;
}

function expectDiscretion({ lines, indiscreet }: CanaryRouter): void {
  expect(lines.filter((line) => findCanaries(line).length > 0)).toEqual([]);
  expect(indiscreet).toEqual([]);
}

it("no line of the log and no error answer names a person or a secret while all is well", async () => {
  const router = await openCanaryRouter();
  await work(router);
  expectDiscretion(router);
  const events = new Set(router.lines.map((line) => JSON.parse(line).event));
  for (const event of ["lead_received", "routed", "notified", "delivered", "lead_unroutable"])
    expect([...events]).toContain(event);
});

it.each([
  ["the database is away", { database: true }],
  ["the pods are away", { pods: true }],
  ["the queues are away", { queues: true }],
  ["the database and the queues are away", { database: true, queues: true }],
  ["nobody outside answers", { outside: "throws" }],
  [
    "a proxy answers with a quote of what it was sent",
    { outside: { status: 500, body: quoted() } },
  ],
  ["a page answers that is not Slack", { outside: { status: 200, body: `<p>${quoted()}</p>` } }],
  ["a receiver refuses with a quote", { outside: { status: 400, body: quoted() } }],
  ["nobody knows the address, and says which", { outside: { status: 404, body: quoted() } }],
] as const)("nor while %s", async (_who, faults) => {
  const router = await openCanaryRouter();
  const ids = await knock(router);
  await router.pump();
  const before = router.lines.length;
  Object.assign(router.faults, faults);
  await work(router, ids);
  await router.cron();
  expect(router.lines.length).toBeGreaterThan(before);
  Object.assign(router.faults, {
    database: false,
    pods: false,
    queues: false,
    outside: { status: 200, body: "ok" },
  });
  await router.cron();
  await router.pump();
  expectDiscretion(router);
});

it("finds what is given away", () => {
  const error = quotingError();
  expect(findCanaries(error.message)).toContain(PERSON.email);
  expect(findCanaries(`https://router.test/?email=${encodeURIComponent(PERSON.email)}`)).toContain(
    PERSON.email,
  );
});

function quoted(): string {
  return quotingError().message;
}
