import { describe, expect, it } from "vitest";
import type { Claim } from "../../src/pod/claims.ts";
import { ClaimRows, packRows } from "../../src/pod/storage.ts";

/** A claim whose trail is so many characters long. */
function claim(seq: number, length = 100): Claim {
  const candidate = {
    repId: "ana",
    eligibility: "excluded" as const,
    reason: "語".repeat(length),
    until: null,
    count: 0,
    cap: null,
    weight: 1,
    balance: 0,
  };
  return {
    leadId: `l${seq}`,
    generation: 1,
    seq,
    repId: "bo",
    day: "2026-03-02",
    claimedAt: 0,
    state: "held",
    open: true,
    credits: { bo: 1 },
    draw: { candidates: [candidate], runnerUp: null },
  };
}

function claims(count: number, lengthOf: (seq: number) => number): Claim[] {
  return Array.from({ length: count }, (_, at) => claim(at + 1, lengthOf(at + 1)));
}

describe("claims drawn together", () => {
  it("share a row", () => {
    expect(packRows([])).toEqual([]);
    expect(packRows(claims(100, () => 4000)).map(({ claims: row }) => row.length)).toEqual([100]);
  });

  it.each([
    { what: "alike", lengthOf: () => 20_000 },
    { what: "small at first and large later", lengthOf: (seq: number) => seq * 900 },
    { what: "large at first", lengthOf: (seq: number) => (seq === 1 ? 450_000 : 9000) },
    { what: "large but for one", count: 12, lengthOf: (seq: number) => (seq === 5 ? 9 : 450_000) },
  ])("never make a row of 2 MB, be they $what", ({ count = 100, lengthOf }) => {
    const drawn = claims(count, lengthOf);
    const packed = packRows(drawn);
    expect(packed.flatMap(({ claims: row }) => row)).toEqual(drawn);
    for (const { firstSeq, claims: row, text } of packed) {
      expect(firstSeq).toBe(row[0]?.seq);
      expect(text === JSON.stringify(row)).toBe(true);
      expect(new TextEncoder().encode(text).length).toBeLessThan(2_000_000);
    }
  });
});

describe("the stored claims of a step", () => {
  function openRows() {
    const read: number[] = [];
    const stored = [
      { firstSeq: 1, claims: [claim(1), claim(2)] },
      { firstSeq: 3, claims: [claim(3), claim(4)] },
    ];
    const rows = new ClaimRows({
      rowOf(seq) {
        read.push(seq);
        return stored.find((row) => row.claims.some((kept) => kept.seq === seq)) ?? null;
      },
    });
    return { rows, read, stored };
  }

  it("are read a row at a time, once", () => {
    const { rows, read } = openRows();
    expect([4, 1, 3, 2].map((seq) => rows.claim(seq)?.leadId)).toEqual(["l4", "l1", "l3", "l2"]);
    expect(read).toEqual([4, 1]);
    expect(rows.claim(9)).toBeUndefined();
  });

  it("are changed together with the rest of their row, and only rows that changed are written", () => {
    const { rows, stored } = openRows();
    rows.move(4, (kept) => ({ ...kept, open: false }));
    rows.move(1, (kept) => kept);
    rows.move(3, (kept) => ({ ...kept, state: "settled" }));
    rows.move(4, (kept) => ({ ...kept, state: "settled" }));
    rows.move(9, () => claim(9));
    expect(rows.changed()).toEqual([
      {
        firstSeq: 3,
        claims: [
          { ...claim(3), state: "settled" },
          { ...claim(4), state: "settled", open: false },
        ],
      },
    ]);
    expect(stored[1]?.claims[0]?.state).toBe("held");
  });
});
