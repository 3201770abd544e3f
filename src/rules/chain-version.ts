import { sha256Hex } from "../lib/digest.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Rule } from "./rule.ts";

/** Hex digits of a version: 48 bits, so that even among a million versions two alike are a 1 in 500 chance. */
const LENGTH = 12;

/**
 * A hash of what the rules say: names, kinds, conditions, pods and their settings, in order. The same in Node
 * and workerd, whatever the order of keys. Synchronous, because it is taken while the module loads.
 * A predicate enters by its name alone: **its name must change when its meaning does**.
 */
export function hashRules(rules: readonly Rule[]): string {
  const meaning = rules.map(({ name, kind, definition, pod }) => ({
    name,
    kind,
    definition,
    // Without the pod's channel in Slack, which decides nothing about who gets what.
    pod: pod && { id: pod.id, settings: pod.settings },
  }));
  return sha256Hex(canonicalJson(meaning)).slice(0, LENGTH);
}
