import type { Chain } from "../../rules/chain.ts";
import { isRecord } from "../../lib/json.ts";

/** The chain that a module exports by default; null when that is no chain. */
export function findDefaultChain(loaded: unknown): Chain | null {
  // A module is an object without a prototype, and none of JSON's.
  const chain =
    typeof loaded === "object" && loaded !== null && "default" in loaded ? loaded.default : null;
  return isChain(chain) ? chain : null;
}

function isChain(value: unknown): value is Chain {
  return (
    isRecord(value) &&
    Array.isArray(value["rules"]) &&
    Array.isArray(value["pods"]) &&
    typeof value["version"] === "string"
  );
}
