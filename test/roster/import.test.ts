import { describe, expect, it } from "vitest";
import type { Deps } from "../../src/ports/deps.ts";
import { smallestLeadId } from "../../src/lib/ids.ts";
import { ACCOUNTS, type Account } from "../../src/roster/accounts.ts";
import { dropAbandoned, type ImportJob, importRows } from "../../src/roster/import.ts";
import { losingAnswerOf } from "../routing/desk.ts";
import { NOW, openWorld } from "./roster-world.ts";

const DAY = 24 * 60 * 60 * 1000;
/** Rows of more than two transactions. */
const MANY = 4_000;

function openImports() {
  const world = openWorld();
  let ids = 0;
  let now = NOW;
  const deps: Deps = { ...world.deps, now: () => now, newId: () => smallestLeadId(now + ++ids) };
  const count = (table: string) =>
    Number(world.db.sqlite.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]);
  return {
    ...world,
    deps,
    count,
    pass: (milliseconds: number) => void (now += milliseconds),
    imports: () => count("events WHERE kind = 'imported'"),
  };
}

function accounts(count: number, ownerId = "bo"): Account[] {
  return Array.from({ length: count }, (_, n) => ({
    domain: `company-${n}.com`,
    accountId: String(n),
    name: "Acme",
    ownerId,
  }));
}

/** An import of these accounts; `broken` = its file breaks off after them. */
function job(
  mode: ImportJob<Account>["mode"],
  list: readonly Account[],
  changes: Partial<ImportJob<Account>> & { broken?: boolean } = {},
): ImportJob<Account> {
  const { broken = false, ...rest } = changes;
  return {
    id: "import-1",
    table: ACCOUNTS,
    mode,
    rows: (async function* () {
      yield* list;
      if (broken) throw new Error("the file breaks off");
    })(),
    file: () => ({ refused: 0, request: "digest" }),
    ...rest,
  };
}

/** A database whose calls that write fail from the n-th on. */
function failingFrom(deps: Deps, nth: number): Deps {
  let calls = 0;
  const { db } = deps;
  return {
    ...deps,
    db: {
      prepare: (sql) => db.prepare(sql),
      batch: async (statements) => {
        if (++calls >= nth) throw new Error("D1_ERROR: Network connection lost.");
        return db.batch(statements);
      },
      exec: (sql) => db.exec(sql),
      withSession: () => db.withSession(),
      dump: () => db.dump(),
    },
  };
}

describe("an import by good rows", () => {
  it("takes several transactions, each with its commit, and counts them all", async () => {
    const { deps, count, unnamedEvents } = openImports();
    expect(await importRows(deps, "ana", job("good-rows", accounts(MANY)))).toEqual({
      outcome: "imported",
      imported: MANY,
      unchanged: 0,
    });
    expect(count("commits")).toBeGreaterThan(2);
    const changed = [...accounts(MANY - 1), ...accounts(MANY, "ida").slice(-1)];
    expect(
      await importRows(deps, "ana", job("good-rows", changed, { id: "import-2" })),
    ).toMatchObject({ imported: 1, unchanged: MANY - 1 });
    expect([count("events"), unnamedEvents()]).toEqual([MANY + 3, []]);
  });

  it("leaves what it took when it dies, and made again it takes the rest", async () => {
    const { deps, count, imports, unnamedEvents } = openImports();
    await expect(
      importRows(failingFrom(deps, 2), "ana", job("good-rows", accounts(MANY))),
    ).rejects.toThrow("Network connection lost");
    const taken = count("accounts");
    expect([taken > 0, taken < MANY, imports(), unnamedEvents()]).toEqual([true, true, 0, []]);
    expect(await importRows(deps, "ana", job("good-rows", accounts(MANY)))).toEqual({
      outcome: "imported",
      imported: MANY - taken,
      unchanged: taken,
    });
  });
});

describe("an import of all or nothing", () => {
  it("commits everything in one transaction, in commits that each name their own events", async () => {
    const { deps, db, count, unnamedEvents } = openImports();
    await importRows(deps, "ana", job("all-or-nothing", accounts(MANY)));
    expect([count("accounts"), count("events"), count("staged_rows")]).toEqual([MANY, MANY + 1, 0]);
    expect(unnamedEvents()).toEqual([]);
    const commits = db.sqlite.prepare("SELECT no, json_array_length(keys) AS n FROM commits").all();
    expect(commits.map((row) => ({ ...row }))).toEqual([
      { no: 1, n: 1_500 },
      { no: 2, n: 1_500 },
      { no: 3, n: 1_000 },
      { no: 4, n: 1 },
    ]);
  });

  it("takes nothing when it dies while it applies, and leaves nothing staged", async () => {
    const { deps, count } = openImports();
    await expect(
      importRows(failingFrom(deps, 1), "ana", job("all-or-nothing", accounts(MANY))),
    ).rejects.toThrow("Network connection lost");
    expect([count("accounts"), count("events"), count("staged_rows")]).toEqual([0, 0, 0]);
  });

  it("takes nothing when the file breaks off, and leaves nothing staged", async () => {
    const { deps, count } = openImports();
    const broken = job("all-or-nothing", accounts(MANY), { broken: true });
    await expect(importRows(deps, "ana", broken)).rejects.toThrow("breaks off");
    expect([count("accounts"), count("events"), count("staged_rows")]).toEqual([0, 0, 0]);
  });

  it("is done once when its answer was lost", async () => {
    const { deps, db, count } = openImports();
    const lossy: Deps = { ...deps, db: losingAnswerOf(db) };
    await expect(importRows(lossy, "ana", job("all-or-nothing", accounts(MANY)))).rejects.toThrow(
      "Network connection lost",
    );
    const before = [count("accounts"), count("events")];
    expect(await importRows(lossy, "ana", job("all-or-nothing", accounts(MANY)))).toEqual({
      outcome: "imported",
      imported: MANY,
      unchanged: 0,
    });
    expect([count("accounts"), count("events")]).toEqual(before);
  });

  it("of two at once with one id is done once, and both are answered the same", async () => {
    const { deps, count, imports, unnamedEvents } = openImports();
    const both = await Promise.all(
      [1, 2].map(() => importRows(deps, "ana", job("all-or-nothing", accounts(MANY)))),
    );
    expect(both[0]).toEqual({ outcome: "imported", imported: MANY, unchanged: 0 });
    expect(both[1]).toEqual(both[0]);
    expect([imports(), count("events"), count("staged_rows"), unnamedEvents()]).toEqual([
      1,
      MANY + 1,
      0,
      [],
    ]);
  });

  it("applies no part of what it staged: rows that were swept away meanwhile stop it", async () => {
    const { deps, db, count } = openImports();
    const swept = job("all-or-nothing", accounts(MANY), {
      rows: (async function* () {
        yield* accounts(MANY);
        db.sqlite.exec("DELETE FROM staged_rows WHERE place = 7");
      })(),
    });
    await expect(importRows(deps, "ana", swept)).rejects.toThrow("swept away");
    expect([count("accounts"), count("events"), count("staged_rows")]).toEqual([0, 0, 0]);
  });

  it("leaves what an import that died has staged to the cron, for a day", async () => {
    const { deps, db, count, pass } = openImports();
    const left = db.sqlite.prepare("INSERT INTO staged_rows VALUES (?, 1, '{}')");
    left.run(smallestLeadId(NOW));
    left.run(smallestLeadId(NOW + DAY / 2));
    await dropAbandoned(deps);
    expect(count("staged_rows")).toBe(2);
    pass(DAY + 1);
    await dropAbandoned(deps);
    expect(count("staged_rows")).toBe(1);
  });

  it("of no rows is recorded as that", async () => {
    const { deps, imports, unnamedEvents } = openImports();
    expect(await importRows(deps, "ana", job("all-or-nothing", []))).toEqual({
      outcome: "imported",
      imported: 0,
      unchanged: 0,
    });
    expect([imports(), unnamedEvents()]).toEqual([1, []]);
  });
});
