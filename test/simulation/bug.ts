import type { Deps } from "../../src/ports/deps.ts";
import type { Process, Weather } from "./network.ts";
import type { PodBend } from "./pods.ts";
import type { World } from "./world.ts";

/**
 * A planted bug: what the protocol would be with one of its rules left out. It bends the code under test from
 * outside, at its ports and in its SQL; the code itself has no switch. Whatever is left out here stays as it is.
 */
export interface Bug {
  readonly name: string;
  /** The weather in which the bug shows, made from the one drawn: some show only in rare weather. */
  weather(drawn: Weather): Weather;
  /** Before anything happens. */
  prepare(world: World): void;
  /** Each SQL statement of the code under test. */
  sql(sql: string, process: Process, world: World): string;
  /** Where a transaction is cut in two; null = nowhere. */
  cut(sqls: readonly string[]): number | null;
  /** What a process may touch. */
  deps(deps: Deps, process: Process, world: World): Deps;
  pod(world: World): PodBend;
  /** An operator asked for a re-route of this decision. */
  onReroute(world: World, leadId: string, generation: number): void;
}

export const NO_BUG: Bug = {
  name: "none",
  weather: (drawn) => drawn,
  prepare: () => {},
  sql: (sql) => sql,
  cut: () => null,
  deps: (deps) => deps,
  pod: () => ({ storage: (storage) => storage, evidence: (find) => find, beforeClaim: () => {} }),
  onReroute: () => {},
};

/** A bug that differs from the right code in these points only. */
export function plant(name: string, difference: Partial<Omit<Bug, "name">>): Bug {
  return { ...NO_BUG, ...difference, name };
}
