import type { Roster } from "../roster/roster.ts";
import type { PodStorage } from "./storage.ts";

/**
 * A pod's storage that can be read but forgets what is written: a pod on it draws from what really stands and moves
 * nothing. Its clock is set back, so that the pod can be asked about any instant.
 * @param roster as D1 stands; where it is the very version that the pod holds it is preferred, because what the pod
 *   holds has lost the absences that had ended when it was handed over
 */
export function readOnly(storage: PodStorage, roster: Roster | null): PodStorage {
  return {
    readState() {
      const state = storage.readState();
      return state && { ...state, clock: 0 };
    },
    readRoster() {
      const held = storage.readRoster();
      return roster?.version === held?.version ? roster : held;
    },
    rowsFrom: (firstSeq) => storage.rowsFrom(firstSeq),
    rowOf: (seq) => storage.rowOf(seq),
    wasDebited: (key) => storage.wasDebited(key),
    write() {},
    beginAside() {},
    setAside() {},
  };
}
