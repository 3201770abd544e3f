import { describe, expect, it } from "vitest";
import { acceptLead, findRepeat } from "../../../src/intake/accept.ts";
import { release } from "../../../src/intake/quarantine.ts";
import { DRAFT, submissionOf } from "../api/fakes.ts";
import { Ward } from "./ward.ts";

const SUSPECT = { draft: DRAFT, door: "form:contact", quarantineFor: "honeypot:_gotcha" };
const UNKEYED = { ...SUSPECT, idempotencyKey: null };
const KEYED = { ...SUSPECT, idempotencyKey: "key" };
const OTHER = { ...DRAFT, email: "other@acme.test" };
const COMPARES = { comparesKey: true };
const MINUTE = 60_000;

describe("the same submission again", () => {
  it("at the same door within ten minutes answers the first id, as a clean one does", async () => {
    const ward = new Ward();
    const first = await ward.take();
    ward.now += 9 * MINUTE;
    expect(await acceptLead(ward.deps, UNKEYED)).toEqual({
      outcome: "duplicate",
      leadId: first,
      quarantined: true,
    });
    await ward.take({}, { door: "form:other" });
    await ward.take({ email: "other@acme.test" });
    ward.now += 2 * MINUTE;
    await ward.take();
    expect(ward.ids("quarantine")).toHaveLength(4);
  });

  it("is found without being kept", async () => {
    const ward = new Ward();
    expect(await findRepeat(ward.deps, UNKEYED)).toBeNull();
    const first = await ward.take();
    expect(await findRepeat(ward.deps, UNKEYED)).toBe(first);
    const lead = await acceptLead(ward.deps, submissionOf(OTHER, "key"));
    expect(lead).toMatchObject({ leadId: await findRepeat(ward.deps, { ...KEYED, draft: OTHER }) });
    expect(await findRepeat(ward.deps, KEYED)).toBeNull();
  });
});

describe("a key that was sent with something else", () => {
  it("is refused, whether that was quarantined or a lead", async () => {
    const ward = new Ward();
    const first = await ward.take({}, { key: "key" });
    expect(await acceptLead(ward.deps, { ...KEYED, draft: OTHER, ...COMPARES })).toEqual({
      outcome: "key_reused",
    });
    expect(await acceptLead(ward.deps, { ...KEYED, ...COMPARES })).toEqual({
      outcome: "duplicate",
      leadId: first,
      quarantined: true,
    });
    await acceptLead(ward.deps, submissionOf(DRAFT, "lead-key"));
    const reused = { ...KEYED, draft: OTHER, idempotencyKey: "lead-key" };
    expect(await acceptLead(ward.deps, { ...reused, ...COMPARES })).toEqual({
      outcome: "key_reused",
    });
  });

  it("does not make a release vanish behind the other", async () => {
    const ward = new Ward();
    const id = await ward.take({}, { key: "key" });
    await acceptLead(ward.deps, submissionOf(OTHER, "key"));
    await release(ward.deps, "ana", id, { reason: "a person" });
    expect(ward.ids("leads")).toHaveLength(2);
    expect(ward.select("SELECT 1 FROM lead_aliases")).toEqual([]);
  });
});

it("keeps a megabyte of one door an hour whole, and of the rest who it is and the beginning, marked", async () => {
  const ward = new Ward();
  const long = (at: number) => ({ fields: { at, message: "x".repeat(90_000), _form: "contact" } });
  for (let at = 0; at < 13; at++) await ward.take(long(at));
  const sizes = ward.select("SELECT length(draft) AS size FROM quarantine ORDER BY id");
  const whole = sizes.filter(({ size }) => Number(size) > 90_000);
  expect([whole.length, sizes.length]).toEqual([11, 13]);
  const [last] = ward.select("SELECT draft FROM quarantine ORDER BY id DESC LIMIT 1");
  expect(String(last?.["draft"]).length).toBeLessThan(3_000);
  expect(JSON.parse(String(last?.["draft"]))).toMatchObject({
    email: DRAFT.email,
    fields: {
      at: 12,
      message: expect.stringMatching(/^x{1900,}$/),
      _form: "contact",
      _clipped: true,
    },
  });
  expect(
    await acceptLead(ward.deps, { ...UNKEYED, draft: { ...DRAFT, ...long(12) } }),
  ).toMatchObject({
    outcome: "duplicate",
  });
  await ward.take(long(1), { door: "form:other" });
  ward.now += 61 * MINUTE;
  await ward.take(long(14));
  const later = ward.select(
    "SELECT length(draft) AS size FROM quarantine ORDER BY id DESC LIMIT 2",
  );
  expect(later.every(({ size }) => Number(size) > 90_000)).toBe(true);
});
