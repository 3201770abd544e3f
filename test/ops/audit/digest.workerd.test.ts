import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { closeDays } from "../../../src/ops/audit/digest-close.ts";
import { callApi } from "../../pipeline/client.ts";
import {
  addMembers,
  chainTo,
  deliverNotifications,
  openRouter,
  routeLeads,
  select,
  storeLead,
} from "../../pipeline/open-router.ts";

const DAY_MS = 24 * 60 * 60_000;
const router = openRouter({ chain: chainTo("sealed") });
let day: string;

beforeAll(async () => {
  await addMembers(router, "sealed", { ana: {} });
  await routeLeads(router, [await storeLead(router), await storeLead(router)]);
  await deliverNotifications(router);
  const tomorrow = router.deps.now() + 2 * DAY_MS;
  await closeDays({ ...router.deps, now: () => tomorrow });
  const [first] = await select("SELECT day FROM digests WHERE rows > 0 ORDER BY day LIMIT 1");
  day = String(first?.["day"]);
});

describe("the digest of a day, on D1", () => {
  it("is made anew from what is stored", async () => {
    const { status, json } = await callApi("GET", `/audit/verify?day=${day}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ verified: true, recomputed: json.digest, differences: [] });
    expect(json.rows).toBeGreaterThan(4);
  });

  it.each(["digests", "digest_pages"])(
    "cannot be changed in %s, nor taken away or replaced",
    async (table) => {
      const before = await select(`SELECT * FROM ${table}`);
      for (const statement of [`UPDATE ${table} SET digest = 'x'`, `DELETE FROM ${table}`])
        await expect(env.DB.prepare(statement).run()).rejects.toThrow(`${table} are append-only`);
      await env.DB.prepare(`INSERT OR REPLACE INTO ${table} SELECT * FROM ${table}`).run();
      expect(await select(`SELECT * FROM ${table}`)).toEqual(before);
    },
  );

  it("finds a row that somebody put in past the router", async () => {
    await env.DB.prepare(
      `INSERT INTO events (subject_type, subject_id, id, kind, actor, occurred_at, commit_no, detail)
       VALUES ('rep', 'ana', 'x', 'y', 'eve', 1, 1, '{}')`,
    ).run();
    const { json } = await callApi("GET", `/audit/verify?day=${day}`);
    expect(json).toMatchObject({ verified: false, differences: [{ kind: "row_unnamed" }] });
  });
});
