import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import type { Chain } from "../../rules/chain.ts";
import type { Pod } from "../../rules/pod.ts";
import { explainRefusal } from "../check/chain-refusals.ts";
import type { Finding } from "../check/finding.ts";
import { findDefaultChain } from "./default-chain.ts";
import { findPlace } from "./place.ts";
import { recorded } from "./recording-chain.ts";

export type LoadedRules =
  | {
      readonly outcome: "loaded";
      readonly chain: Chain;
      /** Every pod the file makes, used or not. */
      readonly declared: readonly Pod[];
    }
  | { readonly outcome: "refused"; readonly findings: readonly Finding[] };

const RECORDING_CHAIN = new URL("recording-chain.ts", import.meta.url).href;

/**
 * Loads a rules.ts, whose "lead-router" is for so long one that records. What the file throws, or what it is instead of a
 * chain, comes back as findings with their place in the file. Once per process and file: Node keeps modules.
 */
export async function loadRules(path: string): Promise<LoadedRules> {
  recorded.pods = [];
  recorded.problems = [];
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier === "lead-router" ? RECORDING_CHAIN : specifier, context),
  });
  try {
    const loaded: unknown = await import(pathToFileURL(path).href);
    const chain = findDefaultChain(loaded);
    return chain !== null
      ? { outcome: "loaded", chain, declared: recorded.pods }
      : { outcome: "refused", findings: [noChain()] };
  } catch (error) {
    return { outcome: "refused", findings: explainFailure(error) };
  } finally {
    hooks.deregister();
  }
}

function explainFailure(error: unknown): readonly Finding[] {
  const at = findPlace(error);
  const place = at === null ? {} : { at };
  if (recorded.problems.length > 0)
    return explainRefusal(recorded.problems).map((finding) => ({ ...finding, ...place }));
  const says = error instanceof Error ? error.message : String(error);
  return error instanceof SyntaxError
    ? [
        {
          ...BROKEN,
          ...place,
          kind: "does_not_compile",
          says: `${says}.`,
          advice: "Mend the line.",
        },
      ]
    : [
        {
          ...BROKEN,
          ...place,
          kind: "does_not_load",
          says: `${says}.`,
          advice: "Mend the line: the worker would not start either.",
        },
      ];
}

const BROKEN = { severity: "error", rules: [], pods: [] } as const;

function noChain(): Finding {
  return {
    ...BROKEN,
    kind: "does_not_load",
    says: "The file's default export is no chain.",
    advice: "End it with export default chain(…).",
  };
}
