import { describe, expect, it } from "vitest";
import { putAccount, readAccount, removeAccount } from "../../src/roster/accounts.ts";
import { deactivateRep, putRep } from "../../src/roster/reps.ts";
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
    expect(await removeAccount(deps, "ana", "acme.com")).toEqual({ outcome: "removed" });
    expect(await removeAccount(deps, "ana", "acme.com")).toEqual({ outcome: "not_found" });
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
