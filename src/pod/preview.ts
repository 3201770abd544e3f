import type { Roster } from "../ports/roster.ts";
import type { ClaimRow, PodStorage } from "./storage.ts";

/**
 * A pod's storage that can be read but keeps what is written to itself: a pod on it draws from what really stands and moves
 * nothing. Only claims can be read back: they are repeated to who asks again. Its clock is set back, so that the pod can be asked about any instant.
 * @param roster as D1 stands; where it is the very version that the pod holds it is preferred, because what the pod
 *   holds has lost the absences that had ended when it was handed over
 */
export function readOnly(storage: PodStorage, roster: Roster | null): PodStorage {
  const drawn: ClaimRow[] = [];
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
    rowOf: (seq) =>
      drawn.find(({ claims }) => claims.some((claim) => claim.seq === seq)) ?? storage.rowOf(seq),
    wasDebited: (key) => storage.wasDebited(key),
    write({ rows = [] }) {
      drawn.push(...rows);
    },
    beginAside() {},
    setAside() {},
  };
}
