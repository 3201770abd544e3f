import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CLOCK_SLACK_MS, type Order, type Place } from "../../../src/record/timeline.ts";
import { readTimeline, type TimelineFilter } from "../../../src/ops/audit/timeline.ts";
import { NOW } from "../../intake/api/fakes.ts";
import { leadId } from "../../routing/desk.ts";
import { ANY, places, TimelineWorld, type Truth, type Written } from "./timeline-world.ts";

const written = fc.constantFrom<Written>(
  { decision: {} },
  { decision: { ownerId: "cy", podId: "sdr", rule: "warm" } },
  { decision: { ownerId: null, decidedBy: "ana" } },
  { event: {} },
  { event: { subjectType: "member", subjectId: "dach/bo", kind: "member_added" } },
  { event: { subjectType: "absence", subjectId: "bo/summer", actor: "rolf" } },
  { event: { subjectType: "lead", subjectId: leadId(1), kind: "notified", actor: "router" } },
);
const commit = fc.record({ rows: fc.array(written, { minLength: 1, maxLength: 5 }) });
const read = fc.record({ limit: fc.integer({ min: 1, max: 4 }) });

const filters: readonly [Partial<TimelineFilter>, (row: Truth) => boolean][] = [
  [{}, () => true],
  [{ type: "event" }, (row) => row.type === "event"],
  [{ owner: "cy" }, (row) => row.type === "decision" && row.decision.ownerId === "cy"],
  [
    { kinds: ["notified", "member_added"] },
    (row) => row.type === "event" && /notified|added/.test(row.event.kind),
  ],
  [
    { actor: "ana" },
    (row) => (row.type === "event" ? row.event.actor : row.decision.decidedBy) === "ana",
  ],
  [
    { lead: leadId(1) },
    (row) => (row.type === "event" ? row.event.subjectId : row.decision.leadId) === leadId(1),
  ],
];

/** Each run opens a database of its own. */
const LONG = { timeout: 60_000 };

describe("the timeline, read in parts", () => {
  it(
    "holds each row once and in commit order, however it is cut and whatever is written meanwhile",
    LONG,
    async () => {
      const steps = fc.array(fc.oneof(commit, read), { minLength: 1, maxLength: 25 });
      await fc.assert(
        fc.asyncProperty(
          steps,
          fc.constantFrom<Order>("asc", "desc"),
          fc.constantFrom(...filters),
          fc.integer({ min: 1, max: 7 }),
          async (script, order, [filter, isWanted], scanLimit) => {
            const world = new TimelineWorld();
            const got: string[] = [];
            let after: Place | null = null;
            let startedAt: number | null = null;
            let ended = false;
            let reads = 0;
            const readOn = async (limit: number) => {
              expect(++reads).toBeLessThan(500);
              startedAt ??= world.truth.length;
              const position = { order, after, upTo: null };
              const all = { ...ANY, ...filter };
              const part = await readTimeline(world.db, all, position, limit, scanLimit);
              expect(part.items.length).toBeLessThanOrEqual(limit);
              got.push(...places(part.items));
              after = part.end ?? after;
              return part.more;
            };
            for (const step of script) {
              if ("rows" in step) await world.commit(NOW, step.rows);
              // Backwards, the end is the end; forwards it is only the end for now.
              else if (order === "asc" || !ended) ended = !(await readOn(step.limit));
            }
            if (order === "asc") ended = false;
            while (!ended) ended = !(await readOn(3));
            const known = order === "asc" ? world.truth : world.truth.slice(0, startedAt ?? 0);
            const expected = places(known.filter(isWanted));
            expect(got).toEqual(order === "asc" ? expected : expected.toReversed());
          },
        ),
        { numRuns: 150 },
      );
    },
  );

  it(
    "finds exactly what was committed in a span, though clocks and commits be out of order",
    LONG,
    async () => {
      const half = CLOCK_SLACK_MS / 2;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ step: fc.nat(half), late: fc.integer({ min: -half, max: half }) }), {
            maxLength: 40,
          }),
          fc.nat(40 * half),
          fc.nat(20 * half),
          fc.constantFrom<Order>("asc", "desc"),
          fc.integer({ min: 1, max: 9 }),
          async (commits, from, length, order, scanLimit) => {
            const world = new TimelineWorld();
            let clock = NOW;
            for (const { step, late } of commits) {
              clock += step;
              await world.commit(clock + late, [{ event: {} }, { event: {} }]);
            }
            const span = { from: NOW - half + from, to: NOW - half + from + length };
            const got = await world.readAll({ ...ANY, ...span }, order, 3, scanLimit);
            const expected = places(
              world.truth.filter(({ at }) => at >= span.from && at < span.to),
            );
            expect(places(got)).toEqual(order === "asc" ? expected : expected.toReversed());
          },
        ),
        { numRuns: 100 },
      );
    },
  );

  it("stops at a commit it is given, newer ones or not", async () => {
    const world = new TimelineWorld();
    for (let n = 0; n < 4; n++) await world.commit(NOW, [{ event: {} }]);
    for (const order of ["asc", "desc"] as const) {
      const position = { order, after: null, upTo: 2 };
      const { items, more } = await readTimeline(world.db, ANY, position, 10);
      const expected = order === "asc" ? ["1/0", "2/0"] : ["2/0", "1/0"];
      expect([places(items), more]).toEqual([expected, false]);
    }
  });

  it("is empty before anything happened", async () => {
    const { db } = new TimelineWorld();
    const position = { order: "asc", after: null, upTo: null } as const;
    const filter = { ...ANY, from: NOW, to: NOW + 1 };
    for (const asked of [ANY, filter, { ...ANY, lead: leadId(1) }]) {
      expect(await readTimeline(db, asked, position, 10)).toEqual({
        items: [],
        end: null,
        more: false,
      });
    }
  });
});
