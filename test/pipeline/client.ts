import { exports } from "cloudflare:workers";
import { expect, vi } from "vitest";
import type { presentStory } from "../../src/ops/api/present.ts";

/** `GET /api/leads/:id`. */
export type Story = ReturnType<typeof presentStory>;

/** What the operations API answered. */
export interface Answer {
  readonly status: number;
  readonly type: string | null;
  /** Parsed; null when there was no body. */
  readonly json: any;
}

/** Calls the operations API; `token` null = without one. */
export async function callApi(
  method: string,
  path: string,
  body?: unknown,
  token: string | null = "write-token",
): Promise<Answer> {
  const response = await exports.default.fetch(`https://router.test/api${path}`, {
    method,
    ...(token !== null && { headers: { Authorization: `Bearer ${token}` } }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const type = response.headers.get("Content-Type");
  return { status: response.status, type, json: text === "" ? null : JSON.parse(text) };
}

/** Posts a lead as JSON and returns the id its caller was given. */
export async function postLead(
  lead: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const response = await exports.default.fetch("https://router.test/leads", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(lead),
  });
  const answer = await response.json<{ id: string }>();
  expect({ status: response.status, answer }).toMatchObject({ status: 200, answer: { ok: true } });
  return answer.id;
}

/** How long the local queues may take over two hops of a second each, with a machine that is busy. */
const PATIENCE = { timeout: 20_000, interval: 100 };

/** The story of a lead, once `settled` holds of it. */
export async function waitForStory(
  id: string,
  settled: (story: Story) => boolean = isAnnounced,
): Promise<Story> {
  return await vi.waitFor(async () => {
    const { json } = await callApi("GET", `/leads/${id}`);
    if (!settled(json)) throw new Error(`the lead ${id} is still ${JSON.stringify(json)}`);
    return json;
  }, PATIENCE);
}

/** Whether the newest decision's notification has ended, one way or the other. */
export function isAnnounced({ decisions, events }: Story): boolean {
  const newest = decisions.at(-1)?.generation;
  return events.some(({ kind, generation }) => generation === newest && kind.startsWith("notif"));
}

/** Puts reps into pods through the API. */
export async function putReps(
  podId: string,
  reps: Readonly<Record<string, { weight?: number; dailyCap?: number; ownDailyCap?: number }>>,
): Promise<void> {
  for (const [id, { weight = 1, dailyCap, ownDailyCap }] of Object.entries(reps)) {
    const rep = { name: `Rep ${id}`, timeZone: zoneAtNoon(), dailyCap: ownDailyCap ?? null };
    expect((await callApi("PUT", `/reps/${id}`, rep)).status).toBeLessThan(300);
    const member = { weight, ...(dailyCap !== undefined && { dailyCap }) };
    expect((await callApi("PUT", `/pods/${podId}/members/${id}`, member)).status).toBe(201);
  }
}

/** A time zone in which it is noon now, so that no daily cap starts anew while a test runs. */
export function zoneAtNoon(): string {
  const ahead = 12 - new Date().getUTCHours();
  return ahead === 0 ? "UTC" : `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
}
