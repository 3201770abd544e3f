import type { Pod } from "../../../src/rules/pod.ts";
import { PodCore } from "../../../src/pod/pod.ts";
import type { RosterMember } from "../../../src/ports/roster.ts";
import { MemoryPodStorage } from "../../pod/memory-storage.ts";
import { roster } from "../../pod/rosters.ts";
import { openWorld } from "../../roster/roster-world.ts";
import { apiClient } from "./api-client.ts";

/** The API of a world in which one pod is a real one with these members; the others are those of `openWorld`. */
export function openLivePod(definition: Pod, ...members: readonly RosterMember[]) {
  const world = openWorld();
  const core = new PodCore(
    definition,
    new MemoryPodStorage(),
    world.deps.now,
    async () => ({ claims: new Map(), over: [] }),
    null,
  );
  core.accept(roster(1, ...members));
  const other = world.deps.pod;
  const pod = (podId: string) =>
    podId === definition.id
      ? { ...other(podId), snapshot: async () => core.snapshot() }
      : other(podId);
  return {
    ...world,
    core,
    call: apiClient({ ...world.deps, pod }),
    /** Claims so many new leads in one call: lead-0, lead-1 and so on. */
    claim: (count: number) =>
      core.claim({
        version: 1,
        wanted: Array.from({ length: count }, (_, at) => ({
          leadId: `lead-${at}`,
          generation: 1,
          excluded: {},
        })),
        full: [],
      }),
  };
}
