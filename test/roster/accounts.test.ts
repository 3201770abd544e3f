import { describe, expect, it } from "vitest";
import {
  importAccounts,
  listAccounts,
  putAccount,
  readAccount,
  removeAccount,
} from "../../src/roster/accounts.ts";
import { deactivateRep } from "../../src/roster/deactivate-rep.ts";
import { putRep } from "../../src/roster/reps.ts";
import { BO, openWorld } from "./roster-world.ts";

const ACME = { domain: "acme.com", accountId: "001", name: "Acme Inc.", ownerId: "bo" };

describe("an account", () => {
  it("is stored, and its events name neither the company's nor anybody's name", async () => {
    const { db, deps, events, unnamedEvents } = openWorld();
    expect(await putAccount(deps, "ana", ACME)).toMatchObject({ outcome: "added" });
    expect(
      await putAccount(deps, "ana", { ...ACME, name: "Acme Ltd", ownerId: "ida" }),
    ).toMatchObject({ outcome: "changed" });
    expect(await readAccount(db, "acme.com")).toEqual({
      ...ACME,
      name: "Acme Ltd",
      ownerId: "ida",
    });
    expect(await removeAccount(deps, "ana", "acme.com")).toBe("removed");
    expect(await removeAccount(deps, "ana", "acme.com")).toBe("not_found");
    expect(events()).toMatchObject([
      {
        kind: "account_added",
        subject_id: "acme.com",
        detail: { before: null, after: { accountId: "001", ownerId: "bo" }, changed: ["name"] },
      },
      {
        kind: "account_changed",
        detail: {
          before: { ownerId: "bo" },
          after: { accountId: "001", ownerId: "ida" },
          changed: ["name"],
        },
      },
      { kind: "account_removed", detail: { before: { ownerId: "ida" }, after: null } },
    ]);
    expect(JSON.stringify(events())).not.toMatch(/Inc|Ltd/);
    expect(unnamedEvents()).toEqual([]);
  });

  it("says what its owner is", async () => {
    const { deps } = openWorld();
    expect(await putAccount(deps, "ana", ACME)).toMatchObject({ owner: "unknown" });
    await putRep(deps, "ana", "bo", BO);
    expect(await putAccount(deps, "ana", ACME)).toMatchObject({
      outcome: "unchanged",
      owner: "active",
    });
    await deactivateRep(deps, "ana", "bo");
    expect(await putAccount(deps, "ana", ACME)).toMatchObject({ owner: "inactive" });
  });
});

describe("an import", () => {
  it("counts what it changed, leaves an event for each and none for the rest", async () => {
    const { db, deps, events, unnamedEvents } = openWorld();
    const globex = { ...ACME, domain: "globex.com", accountId: "0012" };
    const hooli = { ...ACME, domain: "hooli.com" };
    await importAccounts(deps, "ana", [ACME, globex]);
    expect(
      await importAccounts(deps, "rolf", [ACME, { ...globex, ownerId: "ida" }, hooli]),
    ).toEqual({
      imported: 2,
      unchanged: 1,
    });
    expect(await listAccounts(db, "", 10)).toEqual([ACME, { ...globex, ownerId: "ida" }, hooli]);
    expect(events().slice(2)).toMatchObject([
      {
        kind: "account_changed",
        subject_id: "globex.com",
        actor: "rolf",
        detail: { before: { accountId: "0012", ownerId: "bo" } },
      },
      { kind: "account_added", subject_id: "hooli.com" },
    ]);
    expect(unnamedEvents()).toEqual([]);
  });

  it("of more than one transaction counts them all; made again, it changes nothing", async () => {
    const { deps, db, unnamedEvents } = openWorld();
    const many = Array.from({ length: 4000 }, (_, n) => ({ ...ACME, domain: `company-${n}.com` }));
    expect(await importAccounts(deps, "ana", many)).toEqual({ imported: 4000, unchanged: 0 });
    expect(
      Number(db.sqlite.prepare("SELECT count(*) AS n FROM commits").get()?.["n"]),
    ).toBeGreaterThan(1);
    expect(await importAccounts(deps, "ana", many)).toEqual({ imported: 0, unchanged: 4000 });
    expect(unnamedEvents()).toEqual([]);
    expect(await importAccounts(deps, "ana", [])).toEqual({ imported: 0, unchanged: 0 });
  });
});
