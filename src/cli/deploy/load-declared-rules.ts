import { findDefaultChain } from "../rules/load-rules.ts";
import type { DeclaredRules } from "./secrets.ts";
import { UsageError } from "../command.ts";

/** What the project's rules.ts declares. @throws {UsageError} when it does not load */
export async function loadDeclaredRules(): Promise<DeclaredRules> {
  const rules: DeclaredRules = await load();
  if (findDefaultChain(rules) === null)
    throw new UsageError("rules.ts exports no chain: run `npm run rules`.");
  return rules;
}

async function load(): Promise<DeclaredRules> {
  try {
    return await import("../../../rules.ts");
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`rules.ts does not load: ${message}\nRun \`npm run rules\`.`, {
      cause: error,
    });
  }
}
