import { gunzipSync, gzipSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import { apiClient } from "../api/api-client.ts";
import { LONG_AGO, openArchive } from "../archive/past.ts";

let router: ReturnType<typeof openArchive>;
let call: ReturnType<typeof apiClient>;
const day = new Date(LONG_AGO).toISOString().slice(0, 10);

beforeEach(async () => {
  router = openArchive();
  router.past.addDay(LONG_AGO, 60);
  router.past.addToday();
  await router.closeDays();
  await router.tend({ rows: 50, bytes: 1_000_000 });
  call = apiClient(router.deps);
});

async function verify(): Promise<any> {
  return (await call("GET", `/audit/verify?day=${day}`)).json;
}

describe("a day that is in the archive", () => {
  it("is verified from there", async () => {
    expect(router.select("SELECT count(*) AS n FROM decisions")).toEqual([{ n: 0 }]);
    expect(router.bucket.parts("audit").length).toBeGreaterThan(1);
    expect(await verify()).toMatchObject({ verified: true, rows: 120, differences: [] });
  });

  it("is not as it was when a part was changed, or is gone", async () => {
    const [key = ""] = router.bucket.parts("audit");
    const part = router.bucket.objects.get(key) ?? new Uint8Array();
    const changed = gunzipSync(part).toString().replaceAll('"ana"', '"eve"');
    router.bucket.objects.set(key, gzipSync(changed));
    const differences = (json: any) => json.differences.map(({ kind }: { kind: string }) => kind);
    expect(differences(await verify())).toContain("archive_unreadable");
    router.bucket.objects.delete(key);
    const gone = await verify();
    expect(gone.verified).toBe(false);
    expect(differences(gone)).toContain("archive_unreadable");
  });
});

describe("an archived person", () => {
  const person = { email: "jane-7@acme.test", reason: "ticket 4711" };

  it("is exported with the parts that are still to be searched", async () => {
    const { json }: any = await call("POST", "/privacy/export", person);
    expect(json.items).toMatchObject([
      { type: "archived_lead", lead: { email: "jane-7@acme.test", name: "Jane Doe 7" } },
    ]);
    expect(json).toMatchObject({ archivedPartsLeft: 0, nextCursor: null });
  });

  it("is erased with everybody else, and by the id of the lead alone", async () => {
    const { json }: any = await call("POST", "/privacy/erase", person);
    expect(json.erased).toEqual({ leads: 0, quarantined: 0, deliveries: 0, archived: 1 });
    const again: any = (await call("POST", "/privacy/export", person)).json;
    expect(again.items).toEqual([]);

    const other = { ...person, email: "jane-9@acme.test" };
    const found: any = (await call("POST", "/privacy/export", other)).json;
    const path = `/leads/${found.items[0].lead.id}`;
    expect((await call("DELETE", path)).status).toBe(204);
    expect((await call("DELETE", path)).status).toBe(204);
    expect(((await call("POST", "/privacy/export", other)).json as any).items).toEqual([]);
    const texts = [...router.bucket.objects.values()].map((object) =>
      object[0] === 0x1f ? gunzipSync(object).toString() : Buffer.from(object).toString(),
    );
    expect(texts.join()).toContain("jane-8@acme.test");
    expect(texts.join()).not.toMatch(/jane-[79]@|Doe [79]"/);
    expect(await verify()).toMatchObject({ verified: true });
  });

  it("is nobody where no lead of this id is anywhere", async () => {
    expect((await call("DELETE", "/leads/01a20297-4dc7-7c3e-9b1d-4f6a2c8e0d11")).status).toBe(404);
  });
});
