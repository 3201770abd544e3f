import { expect, test } from "vitest";
import {
  chain,
  fallback,
  matchedAccount,
  pod,
  rule,
  score,
  territory,
  type Lead,
  type Rule,
} from "lead-router";
import { pinnedChain, PINNED_VERSION } from "./pinned-chain.ts";

const sdr = pod("sdr", { dailyCap: 3, openCap: 9 });
const last = fallback(sdr);
const version = (...rules: readonly Rule[]) => chain(...rules, last).version;

test("is 12 hex digits and does not drift", () => {
  expect(pinnedChain().version).toBe(PINNED_VERSION);
});

test("is the same for the same rules, whatever the order of keys", () => {
  const one = version(
    rule("a", { source: "ads", fields: { size: { min: 1, max: 5 }, plan: "pro" } }, sdr),
  );
  const other = version(
    rule("a", { fields: { plan: "pro", size: { max: 5, min: 1 } }, source: "ads" }, sdr),
  );
  expect(other).toBe(one);
  const turned = pod("sdr", { openCap: 9, dailyCap: 3 });
  expect(chain(score("hot", { min: 80 }, turned), fallback(turned)).version).toBe(
    version(score("hot", { min: 80 }, sdr)),
  );
});

test("differs as soon as the meaning may", () => {
  function isBig({ score: points }: Lead): boolean {
    return (points ?? 0) > 90;
  }
  function isHuge({ score: points }: Lead): boolean {
    return (points ?? 0) > 99;
  }
  const a = territory("a", { countryCode: "DE" }, sdr);
  const b = territory("b", { countryCode: "AT" }, sdr);
  const capped = pod("sdr", { dailyCap: 4, openCap: 9 });
  const versions = [
    version(),
    version(a),
    version(a, b),
    version(b, a),
    version(territory("z", { countryCode: "DE" }, sdr)),
    version(rule("a", { countryCode: "DE" }, sdr)),
    version(territory("a", { countryCode: "CH" }, sdr)),
    version(territory("a", { countryCode: "DE" }, pod("dach"))),
    chain(territory("a", { countryCode: "DE" }, capped), fallback(capped)).version,
    version(matchedAccount({ whenOwnerAway: "next" })),
    version(matchedAccount({ whenOwnerAway: "assign" })),
    version(rule("p", isBig, sdr)),
    version(rule("p", isHuge, sdr)),
  ];
  expect(new Set(versions).size).toBe(versions.length);
});
