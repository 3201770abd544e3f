import type { Situation } from "../record/lead-acts.ts";

/** What stands in the way of an act on a lead. */
export type ObstacleKind =
  | "erased"
  /** No decision stands yet. */
  | "undecided"
  /** A re-route is under way. */
  | "intent"
  | "closed"
  /** The newest generation is not the one that the actor has seen. */
  | "superseded";

/** An obstacle, with the situation it was found in: as the act's own transaction left it. */
export interface Obstacle {
  readonly outcome: "refused";
  readonly obstacle: ObstacleKind;
  readonly situation: Situation;
}

const STANDS: Readonly<
  Record<ObstacleKind, (situation: Situation, seen: number | null) => boolean>
> = {
  erased: ({ erased }) => erased === 1,
  undecided: ({ newest }) => newest === 0,
  intent: ({ intent }) => intent !== null,
  closed: ({ closed }) => closed === 1,
  superseded: ({ newest }, seen) => seen !== null && newest !== seen,
};

/** The key that the request came with belongs to another request, which was done. */
export interface KeyReused {
  readonly outcome: "key_reused";
}

/** The first of these obstacles that stands, or null. `seen` is the generation the actor knew; null = any. */
export function findObstacle(
  situation: Situation,
  seen: number | null,
  kinds: readonly ObstacleKind[],
): Obstacle | null {
  const obstacle = kinds.find((kind) => STANDS[kind](situation, seen));
  return obstacle === undefined ? null : { outcome: "refused", obstacle, situation };
}
