import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Conditions, judgeLead, listConditions } from "../../../src/rules/conditions.ts";
import type { Lead } from "../../../src/rules/lead.ts";
import { isCovered, openLeadSpace } from "../../../src/cli/check/lead-space.ts";
import { aLead } from "../../rules/examples.ts";

/** A lead of which nothing is known but `about`. */
function leadOf(about: Partial<Lead>): Lead {
  const nothing = {
    countryCode: null,
    region: null,
    source: null,
    companyDomain: null,
    company: null,
    score: null,
  };
  return aLead({ ...nothing, ...about });
}

function meets(lead: Lead, conditions: Conditions): boolean {
  return judgeLead(listConditions(conditions), lead).holds;
}

const answerOf = (wanted: Conditions, ...others: readonly Conditions[]) =>
  isCovered(wanted, others).answer;

describe("whether other conditions take every lead that these want", () => {
  test.each<[Conditions, readonly Conditions[]]>([
    [{ countryCode: "DE" }, [{}]],
    [{ countryCode: "DE" }, [{ countryCode: ["DE", "AT"] }]],
    [{ countryCode: "DE", source: "ads" }, [{ countryCode: "DE" }]],
    [{ region: "bavaria" }, [{ region: [" BAVARIA ", "Hesse"] }]],
    [{ score: { min: 50, max: 60 } }, [{ score: { max: 55 } }, { score: { min: 55 } }]],
    [{ score: 85 }, [{ score: { min: 80 } }]],
    [{ fields: { seats: "50" } }, [{ fields: { seats: { min: 50 } } }]],
    [{ fields: { demo: true } }, [{ fields: { demo: "TRUE" } }]],
    [{}, [{ score: "none" }, { score: { max: 9 } }, { score: { min: 9 } }]],
    [
      { countryCode: ["DE", "FR"], score: { min: 80 } },
      [{ countryCode: "DE" }, { countryCode: "FR", score: { min: 70 } }],
    ],
  ])("yes: %j by %j", (wanted, others) => {
    expect(answerOf(wanted, ...others)).toBe("yes");
  });

  test.each<[Conditions, readonly Conditions[], Partial<Lead>]>([
    [{ countryCode: ["DE", "FR"] }, [{ countryCode: "DE" }], { countryCode: "FR" }],
    [{ score: { min: 40 } }, [{ score: { min: 80 } }, { score: { max: 79 } }], { score: 79.5 }],
    [{}, [{ score: { min: 0 } }, { score: { max: 0 } }], { score: null }],
    [{ fields: { seats: 50 } }, [{ fields: { seats: "50" } }], { fields: { seats: "50.0" } }],
    [{ region: ["Bavaria", "none"] }, [{ region: "Bavaria" }], { region: null }],
  ])("no: %j by %j, for there is %j", (wanted, others, example) => {
    const { fields = {}, ...rest } = example;
    expect(isCovered(wanted, others)).toEqual({ answer: "no", example: { ...rest, fields } });
  });

  test("gives up where there are too many cases", () => {
    // Ten fields of nine values each, and a rule for every two fields that are alike: two always are, but who sees that?
    const fields = Array.from({ length: 10 }, (_, at) => `field${at}`);
    const values = Array.from({ length: 9 }, (_, at) => `value${at}`);
    const wanted = fields.map((field) => [field, values]);
    const others = fields.flatMap((one, at) =>
      fields
        .slice(at + 1)
        .flatMap((other) => values.map((value) => ({ fields: { [one]: value, [other]: value } }))),
    );
    expect(answerOf({ fields: Object.fromEntries(wanted) }, ...others)).toBe("unknown");
  });
});

const canMeetBoth = (one: Conditions, other: Conditions) =>
  openLeadSpace([one, other]).canMeetBoth(one, other);

const bound = fc.constantFrom(-1, 0, 1, 2, 2.5);
const range = fc.tuple(bound, bound).chain(([a, b]) => {
  const [min, max] = [Math.min(a, b), Math.max(a, b)];
  return fc.constantFrom({ min }, { max }, { min, max });
});
const some = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }));
const none = fc.constant("none" as const);
const conditionsArbitrary: fc.Arbitrary<Conditions> = fc.record(
  {
    countryCode: some(fc.oneof(fc.constantFrom("DE", "AT"), none)),
    source: some(fc.oneof(fc.constantFrom("ads", "ADS ", "2"), none)),
    score: some(fc.oneof(range, bound, none)),
    fields: fc.record(
      {
        size: some(fc.oneof(range, bound, none, fc.constantFrom("1", "2.0", "big", true))),
        plan: some(fc.oneof(none, fc.constantFrom("pro", "Pro", false))),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);
const sent = fc.constantFrom(
  undefined,
  null,
  "",
  " ",
  "pro",
  "false",
  "BIG",
  true,
  { a: 1 },
  1,
  "1",
  "1.0",
  2,
  "2.00",
  2.5,
  "-1",
  "+2",
  -9,
  99,
);
const leadArbitrary: fc.Arbitrary<Lead> = fc
  .record({
    countryCode: fc.constantFrom(null, "DE", "AT", "US"),
    source: fc.constantFrom(null, "ads", "Ads", "2", "mail"),
    score: fc.constantFrom(null, -2, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.2, 2.5, 3),
    fields: fc.record({
      size: fc.oneof(sent, fc.array(sent, { maxLength: 3 })),
      plan: fc.oneof(sent, fc.array(sent, { maxLength: 3 })),
    }),
  })
  .map(leadOf);
/** Conditions of one key, among which some take all that others want. */
const plainArbitrary = conditionsArbitrary.map((conditions): Conditions => {
  const [first] = Object.entries(conditions);
  return first === undefined ? {} : Object.fromEntries([first]);
});

describe("held against the router's own judgement", () => {
  test("a yes has no exception, and every no comes with one", () => {
    let yes = 0;
    fc.assert(
      fc.property(
        conditionsArbitrary,
        fc.array(fc.oneof(conditionsArbitrary, plainArbitrary), { minLength: 1, maxLength: 5 }),
        fc.array(leadArbitrary, { minLength: 20, maxLength: 20 }),
        (wanted, others, leads) => {
          const found = isCovered(wanted, others);
          expect(found.answer).not.toBe("unknown");
          if (found.answer === "no") {
            const lead = leadOf(found.example);
            expect(meets(lead, wanted)).toBe(true);
            expect(others.some((other) => meets(lead, other))).toBe(false);
          } else {
            yes++;
            const exceptions = leads.filter(
              (lead) => meets(lead, wanted) && !others.some((other) => meets(lead, other)),
            );
            expect(exceptions).toEqual([]);
          }
        },
      ),
      { numRuns: 1000 },
    );
    expect(yes).toBeGreaterThan(100);
  });

  test("what nothing can meet together, no lead meets", () => {
    let never = 0;
    fc.assert(
      fc.property(
        conditionsArbitrary,
        conditionsArbitrary,
        fc.array(leadArbitrary, { minLength: 30, maxLength: 30 }),
        (one, other, leads) => {
          if (canMeetBoth(one, other)) return;
          never++;
          expect(leads.filter((lead) => meets(lead, one) && meets(lead, other))).toEqual([]);
        },
      ),
      { numRuns: 1000 },
    );
    expect(never).toBeGreaterThan(100);
  });

  test("what can be met together, in one value or in two of a form field", () => {
    expect(canMeetBoth({ score: { min: 1 } }, { score: { max: 1 } })).toBe(true);
    expect(canMeetBoth({ score: { min: 2 } }, { score: { max: 1 } })).toBe(false);
    // A form may send a field twice, a country never.
    expect(canMeetBoth({ fields: { plan: "pro" } }, { fields: { plan: "free" } })).toBe(true);
    expect(canMeetBoth({ fields: { plan: "pro" } }, { fields: { plan: "none" } })).toBe(false);
    expect(canMeetBoth({ countryCode: "DE" }, { countryCode: "AT" })).toBe(false);
  });
});
