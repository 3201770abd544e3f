import { withDeps } from "../with-deps.ts";
import { apiApp } from "../../src/ops/api/app.ts";
import { intakeApp } from "../../src/intake/leads-endpoint.ts";
import { startClockwork, type Clockwork } from "./clockwork.ts";
import { SENT_LEADS, type SentLead } from "./sent-leads.ts";
import { ACCOUNTS, MEMBERS, REPS, teamChain } from "./team.ts";

/** When the questions are asked, early on Tuesday afternoon. */
const ASKED_AT = Date.UTC(2026, 10, 24, 12, 30);
const SET_UP_AT = Date.UTC(2026, 10, 23, 6, 40);

/** Tokens by their names in the audit. `rolf` can only read. */
export const TOKENS = { ana: "lr_ana", ops: "lr_ops", crm: "lr_crm", rolf: "lr_rolf" } as const;
export type Caller = keyof typeof TOKENS;
const API_TOKENS = Object.entries(TOKENS)
  .map(([name, token]) => `${name}:${name === "rolf" ? "read" : "write"}:${token}`)
  .join(",");

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Null if the answer is not JSON. */
  readonly json: any;
}

/** Two days of a small team: everything went through the router's public endpoints or its API. */
export interface World extends Clockwork {
  /** The id of the lead that this address sent. */
  readonly idOf: (email: string) => string;
  /** Posts a lead and returns its id. */
  readonly send: (form: Readonly<Record<string, string | number>>) => Promise<string>;
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    as?: Caller,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
}

/** A router without any data. */
function openEmptyWorld(): World {
  const clockwork = startClockwork(teamChain, SET_UP_AT);
  const { deps } = clockwork;
  const api = withDeps(apiApp(), () => deps);
  const intake = withDeps(intakeApp(), () => deps);
  const ids = new Map<string, string>();

  return {
    ...clockwork,
    idOf(email) {
      const id = ids.get(email);
      if (id === undefined) throw new Error(`${email} sent no lead`);
      return id;
    },
    async call(method, path, body, as = "ana", headers = {}) {
      const request = {
        method,
        headers: { authorization: `Bearer ${TOKENS[as]}`, ...headers },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      };
      const response = await api.request(path, request, { API_TOKENS });
      const text = await response.text();
      const isJson = /[/+]json\b/.test(response.headers.get("content-type") ?? "");
      const { status, headers: answered } = response;
      return { status, headers: answered, text, json: isJson ? JSON.parse(text) : null };
    },
    async send(form) {
      const response = await intake.request("https://router.example/leads", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(form),
      });
      const answer: { id?: string } = await response.json();
      if (answer.id === undefined)
        throw new Error(`the lead was refused: ${JSON.stringify(answer)}`);
      ids.set(String(form["email"]), answer.id);
      return answer.id;
    },
  };
}

/** The sender of the lead whose messages the queue keeps losing. */
const LOST = "daniel@volta.example";

/** What people did, and when (UTC). The leads arrive in between. */
const ACTS: readonly (readonly [at: string, act: (world: World) => Promise<unknown>])[] = [
  // The pod dach does not answer for 50 seconds.
  ["2026-11-23T14:18:00Z", async ({ away }) => away.add("dach")],
  ["2026-11-23T14:18:50Z", async ({ away }) => away.delete("dach")],
  [
    "2026-11-23T15:40:12Z",
    (world) => {
      const dispute = { repId: "bo", note: "They are Dana's since the fair.", shouldBe: "dana" };
      const id = world.idOf("lea@saentis.example");
      return change(world, "crm", "POST", `/leads/${id}/dispute`, dispute);
    },
  ],
  [
    "2026-11-24T07:48:31Z",
    (world) =>
      change(world, "ana", "PUT", "/reps/emre/absences/flu", {
        from: "2026-11-24T06:00:00Z",
        until: "2026-11-27T06:00:00Z",
        note: "Flu",
      }),
  ],
  [
    "2026-11-24T09:33:05Z",
    (world) =>
      change(world, "ana", "POST", `/leads/${world.idOf("markus@inntal.example")}/route`, {
        force: true,
        reason: "Grace used to work for their competitor",
      }),
  ],
  [
    "2026-11-24T09:58:40Z",
    (world) =>
      change(world, "ana", "POST", `/leads/${world.idOf("nina@rigi.example")}/close`, {
        reason: "won",
      }),
  ],
  [
    "2026-11-24T11:40:22Z",
    (world) => change(world, "ana", "PUT", "/pods/sdr/members/chidi", { dailyCap: 4 }),
  ],
  [
    "2026-11-24T12:10:09Z",
    (world) =>
      change(world, "ana", "POST", `/leads/${world.idOf("julia@irishealth.example")}/assign`, {
        ownerId: "ines",
        reason: "They met at the fair",
      }),
  ],
];

async function change(
  { call }: World,
  as: Caller,
  method: string,
  path: string,
  body: unknown,
): Promise<void> {
  const { status, text } = await call(method, path, body, as);
  if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${text}`);
}

/** The world when the questions are asked. */
export async function openWorld(): Promise<World> {
  const world = openEmptyWorld();
  for (const [id, rep] of Object.entries(REPS))
    await change(world, "ops", "PUT", `/reps/${id}`, rep);
  for (const [member, settings] of Object.entries(MEMBERS))
    await change(world, "ops", "PUT", `/pods/${member.replace("/", "/members/")}`, settings);
  for (const [domain, account] of Object.entries(ACCOUNTS))
    await change(world, "ops", "PUT", `/accounts/${domain}`, account);

  async function sendOne(form: SentLead["form"]): Promise<void> {
    const id = await world.send(form);
    if (form["email"] === LOST) world.lost.add(id);
  }
  const story = [
    ...ACTS.map(([at, act]) => ({ at: Date.parse(at), happen: act })),
    ...SENT_LEADS.map(({ at, form }) => ({ at, happen: () => sendOne(form) })),
  ].toSorted((a, b) => a.at - b.at);
  for (const { at, happen } of story) {
    await world.moveTo(at);
    await happen(world);
  }
  await world.moveTo(ASKED_AT);
  world.stopTime();
  return world;
}
