import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { ClaimResult } from "../../src/ports/pod.ts";
import { zoneAtNoon } from "../pipeline/client.ts";
import { member, roster } from "./rosters.ts";

const LEADS = Array.from({ length: 2000 }, (_, at) => `lead-${at}`);
const CALLS = 50;
const SIZE = LEADS.length / CALLS;

// Three weights, two who are soon at a cap and one who is away throughout; none whose day turns meanwhile.
const timeZone = zoneAtNoon();
const MEMBERS = [
  member("ana", { timeZone }),
  member("bo", { timeZone, weight: 3 }),
  member("cy", { timeZone, weight: 2 }),
  member("di", { timeZone, dailyCap: 7 }),
  member("ed", { timeZone, openCap: 11 }),
  member("fay", { timeZone, absences: [{ from: 0, until: Date.UTC(9999, 0) }] }),
];

/** A pod that rules.ts does not name has no settings, so that only the members differ from an empty one. */
async function openPod(name: string) {
  const pod = env.PODS.getByName(name);
  await pod.accept({ ...roster(1, ...MEMBERS), podId: name }, 0);
  return pod;
}
type PodStub = Awaited<ReturnType<typeof openPod>>;

async function claim(pod: PodStub, leadIds: readonly string[]): Promise<ClaimResult[]> {
  const wanted = leadIds.map((leadId) => ({ leadId, generation: 1, excluded: {} }));
  const answer = await pod.claim({ version: 1, wanted, full: [] }, 0);
  if (answer.outcome !== "drawn") throw new Error(`the pod is behind: ${answer.version}`);
  return [...answer.results];
}

/** All that the pod counts, without the instant it was asked at. */
async function counted(pod: PodStub) {
  const { at: _, ...rest } = await pod.snapshot();
  return rest;
}

/** The leads in calls of `SIZE`, all of them on their way at once. */
async function claimAtOnce(pod: PodStub, leads: readonly string[]) {
  const calls = Array.from({ length: leads.length / SIZE }, (_, at) =>
    claim(pod, leads.slice(at * SIZE, (at + 1) * SIZE)),
  );
  return (await Promise.all(calls)).flat();
}

describe("2,000 leads in 50 calls at once", () => {
  let pod: PodStub;
  let answers: ClaimResult[];

  beforeAll(async () => {
    // Stored and undecided: should an alarm come in between, on a slow machine, it leaves their claims held.
    await env.DB.prepare(
      "INSERT INTO leads (id, received_at, fields) SELECT value, 0, '{}' FROM json_each(?)",
    )
      .bind(JSON.stringify(LEADS))
      .run();
    pod = await openPod("at-once");
    answers = await claimAtOnce(pod, LEADS);
  });

  it("are drawn once each, numbered without a gap", () => {
    const seqs = answers.map((result) => (result.outcome === "claimed" ? result.seq : null));
    expect(seqs.toSorted((a, b) => Number(a) - Number(b))).toEqual(LEADS.map((_, at) => at + 1));
  });

  it("leave the totals of the same leads one after another", { timeout: 60_000 }, async () => {
    const other = await openPod("one-by-one");
    for (let at = 0; at < LEADS.length; at += 1) await claim(other, LEADS.slice(at, at + 1));
    const { members, standing } = await counted(pod);
    expect(await counted(other)).toEqual(await counted(pod));
    expect(standing).toBe(LEADS.length);
    expect(members.reduce((sum, { balance }) => sum + balance, 0)).toBe(0);
    const received = Object.fromEntries(members.map((line) => [line.repId, line.received]));
    expect(received).toMatchObject({ di: 7, ed: 11, fay: 0 });
  });

  it("leave the same totals when the pod is evicted half-way", async () => {
    const evicted = await openPod("evicted");
    await claimAtOnce(evicted, LEADS.slice(0, LEADS.length / 2));
    const before = await counted(evicted);
    await evictDurableObject(evicted);
    expect(await counted(evicted)).toEqual(before);
    await claimAtOnce(evicted, LEADS.slice(LEADS.length / 2));
    expect(await counted(evicted)).toEqual(await counted(pod));
  });

  it("are answered the same when every call comes again, and nothing moves", async () => {
    const before = await counted(pod);
    expect(await claimAtOnce(pod, LEADS)).toEqual(answers);
    expect(await counted(pod)).toEqual(before);
    await evictDurableObject(pod);
    expect(await claimAtOnce(pod, LEADS)).toEqual(answers);
    expect(await counted(pod)).toEqual(before);
  });
});
