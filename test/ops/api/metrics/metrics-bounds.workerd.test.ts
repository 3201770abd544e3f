import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { rollUp } from "../../../../src/ops/metrics/roll-up.ts";
import { readMark } from "../../../../src/record/rollups.ts";
import { smallestLeadId } from "../../../../src/lib/ids.ts";
import { rows } from "../../../../src/lib/query.ts";
import { metered } from "../../../pipeline/metered-database.ts";
import { chainTo, openRouter } from "../../../pipeline/open-router.ts";
import { apiClient } from "../api-client.ts";

const HOUR = 60 * 60_000;
const NOW = Date.UTC(2026, 10, 22, 9, 30);
/** Hours over which the leads are spread. */
const HOURS = 48;
/** Leads of one commit. */
const BATCH = 100;

const TRAIL = JSON.stringify([
  { rule: "DACH", kind: "territory", outcome: "no_match", reason: "" },
  {
    rule: "fallback",
    kind: "fallback",
    outcome: "no_eligible_rep",
    reason: "",
    podId: "sdr",
    candidates: [{ eligibility: "absent" }, { eligibility: "at_daily_cap" }],
  },
]);

/** Stores decided leads: every fifth of them unassigned. Yields how many are stored. */
async function seed(first: number, count: number): Promise<number> {
  const leads = Array.from({ length: count }, (_, n) => {
    const at = Math.floor(NOW - HOURS * HOUR * (1 - n / count));
    const id = smallestLeadId(at).slice(0, -6) + String(first + n).padStart(6, "0");
    return { id, at, source: `source ${n % 7}`, country: n % 2 === 0 ? "FR" : "US", owner: n % 5 };
  });
  for (let at = 0; at < count; at += BATCH) {
    const batch = leads.slice(at, at + BATCH);
    const json = JSON.stringify(batch);
    const keys = JSON.stringify(batch.map(({ id }) => ["decision", id, 1]));
    await env.DB.batch([
      env.DB.prepare(
        `INSERT INTO leads (id, received_at, source, country_code, fields)
         SELECT value ->> 'id', value ->> 'at', value ->> 'source', value ->> 'country', '{}' FROM json_each(?)`,
      ).bind(json),
      env.DB.prepare(
        `INSERT INTO decisions (lead_id, generation, outcome, owner_id, day, pod_id, claim_seq, rule, reason, trail,
           chain_version, decided_at, committed_at, commit_no, attempts, decided_by)
         SELECT value ->> 'id', 1, iif(value ->> 'owner' = 0, 'unassigned', 'assigned'),
           iif(value ->> 'owner' = 0, NULL, 'rep-' || (value ->> 'owner')), iif(value ->> 'owner' = 0, NULL, '2026-11-22'),
           iif(value ->> 'owner' = 0, NULL, 'sdr'), iif(value ->> 'owner' = 0, NULL, 1), 'fallback', '', ?2, 'c0ffee',
           value ->> 'at' + 1000, value ->> 'at' + 1100, (SELECT coalesce(max(no), 0) + 1 FROM commits), 1, 'router'
         FROM json_each(?1)`,
      ).bind(json, TRAIL),
      env.DB.prepare(
        "INSERT INTO commits (no, at, keys) SELECT (SELECT coalesce(max(no), 0) + 1 FROM commits), ?, ?",
      ).bind(NOW, keys),
    ]);
  }
  return first + count;
}

const CALLS = [
  "assignments?by=day,rep,pod,rule,source,outcome",
  "time-to-assignment",
  "rules?every=hour",
  "unassigned",
];

it(
  "every metric reads a bounded number of rows, however many leads are stored",
  { timeout: 120_000 },
  async () => {
    const { db, meter } = metered(env.DB);
    const { deps } = openRouter({ db, chain: chainTo("bounds"), now: () => NOW });
    const call = apiClient(deps);
    const readsOf = async (path: string): Promise<number> => {
      const before = meter.rowsRead;
      const { status, json }: any = await call("GET", `/metrics/${path}`);
      expect(status).toBe(200);
      expect(json.complete).toBe(true);
      return meter.rowsRead - before;
    };
    const rollUpAll = async (commits: number) => {
      for (let runs = 0; runs < 10; runs++) {
        await rollUp(deps);
        const [mark] = await rows(db, readMark());
        if (mark?.no === commits) return;
      }
      expect.fail("the rollup does not catch up");
    };

    let stored = await seed(0, 6_000);
    const before = meter.rowsRead;
    await rollUpAll(stored / BATCH);
    expect((meter.rowsRead - before) / stored).toBeLessThan(8);
    const few: Record<string, number> = {};
    for (const path of CALLS) few[path] = await readsOf(path);

    stored = await seed(stored, 12_000);
    await rollUpAll(stored / BATCH);
    for (const path of CALLS) {
      const reads = await readsOf(path);

      expect({ path, reads, grew: reads > (few[path] ?? 0) * 1.05 }).toEqual({
        path,
        reads,
        grew: false,
      });
      // A row for each quarter-hour, and for the unassigned at most a thousand leads with what belongs to them.
      expect(reads).toBeLessThan(path === "unassigned" ? 12_000 : HOURS * 4 + 50);
    }

    // What is not rolled up yet is read too, up to a bound.
    await seed(stored, 8_000);
    const beforeTail = meter.rowsRead;
    const { json }: any = await call("GET", "/metrics/assignments");
    expect(json.complete).toBe(false);

    expect(meter.rowsRead - beforeTail).toBeLessThan(50_000);
  },
);
