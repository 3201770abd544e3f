import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { keptParts } from "../../src/record/archives.ts";
import { archiveBucket } from "../../src/ports/bucket.ts";
import { eraseArchived } from "../../src/archive/erase.ts";
import { readPart } from "../../src/archive/parts.ts";
import { archiveOld } from "../../src/archive/archive-old.ts";
import { closeDays } from "../../src/ops/audit/digest-close.ts";
import { rollUp } from "../../src/ops/metrics/roll-up.ts";
import { rows } from "../../src/lib/query.ts";
import { callApi } from "../pipeline/client.ts";
import {
  addMembers,
  chainTo,
  deliverNotifications,
  openRouter,
  routeLeads,
  select,
  storeLeads,
} from "../pipeline/open-router.ts";

const DAY = 24 * 60 * 60_000;

it("leads that were routed for real go to R2 and are gone from D1 and from what their pod holds open", async () => {
  if (env.ARCHIVE === undefined) throw new Error("test/vitest.config.ts binds the bucket");
  const bucket = archiveBucket(env.ARCHIVE);
  const router = openRouter({ chain: chainTo("kept"), archive: bucket });
  await addMembers(router, "kept", { ana: { openCap: 3 }, bo: { openCap: 4 } });
  const leads = await storeLeads(router, 10);
  await routeLeads(router, leads);
  await deliverNotifications(router);
  const decided = await select("SELECT outcome, count(*) AS n FROM decisions GROUP BY outcome");
  expect(decided).toEqual([
    { outcome: "assigned", n: 7 },
    { outcome: "unassigned", n: 3 },
  ]);
  const openNow = async () =>
    (await router.deps.pod("kept").snapshot()).members.map(({ repId, open }) => [repId, open]);
  expect(await openNow()).toEqual([
    ["ana", 3],
    ["bo", 4],
  ]);

  // A hundred days later.
  const secret = (name: string) => (name === "RETENTION_DAYS" ? "90" : null);
  const later = { ...router.deps, secret, now: () => Date.now() + 100 * DAY };
  await rollUp(later);
  await closeDays(later, 200);
  for (let run = 0; run < 3; run++) await archiveOld(later, { rows: 4, bytes: 1_000_000 });

  expect(await select("SELECT id FROM leads")).toEqual([]);
  expect(await openNow()).toEqual([
    ["ana", 0],
    ["bo", 0],
  ]);
  const day = new Date().toISOString().slice(0, 10);
  const parts = await rows(env.DB, keptParts("leads", day));
  const lines = (await Promise.all(parts.map((part) => readPart({ bucket }, part)))).flat();
  expect(lines.map((line) => JSON.parse(line).id)).toEqual(leads.map(({ id }) => id).toSorted());
  expect(await select("SELECT count(*) AS n FROM decisions")).toEqual([{ n: 0 }]);
  expect(await select("SELECT count(*) AS n FROM commits")).toEqual([{ n: 1 }]);

  const first = leads[0]?.id ?? "";
  expect(await eraseArchived(later, first, "ana")).toEqual({ outcome: "erased", leadId: first });
  const stored = await env.ARCHIVE.list();
  const kept = await select("SELECT key FROM archives ORDER BY key");
  expect(stored.objects.map(({ key }) => key).filter((key) => key.endsWith(".gz"))).toEqual(
    kept.map(({ key }) => key),
  );
  const strange = "leads/2020-01-01/0001-strange.ndjson.gz";
  await env.ARCHIVE.put(strange, "no gzip");
  const reconciled = await callApi("POST", "/archives/reconcile", {});
  expect(reconciled.json).toMatchObject({
    looked: stored.objects.length + 1,
    adopted: [],
    deleted: [],
    left: [{ key: strange }],
    missing: [],
    nextCursor: null,
  });
  const listed = await callApi("GET", "/archives?limit=200");
  expect(listed.json.items).toHaveLength(kept.length);
  expect((await callApi("GET", "/health/consistency")).json).toMatchObject({
    balanced: true,
    leads: 10,
  });
});
