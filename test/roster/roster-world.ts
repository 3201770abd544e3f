import { chain, fallback, pod, territory } from "lead-router";
import type { Deps } from "../../src/ports/deps.ts";
import type { PodPort } from "../../src/ports/pod.ts";
import type { RepValues } from "../../src/roster/reps.ts";
import type { Roster } from "../../src/ports/roster.ts";
import { openD1 } from "../record/sqlite-d1.ts";

export const NOW = Date.UTC(2026, 10, 22, 9, 30, 0, 7);
export const dach = pod("dach", { dailyCap: 15 });
const sdr = pod("sdr");

export const BO: RepValues = {
  name: "Bo Berg",
  email: "bo@acme.test",
  slackUserId: "U012AB3CD",
  timeZone: "Europe/Berlin",
  workingHours: { mon: [["09:00", "17:00"]] },
  dailyCap: 20,
};

/** An empty router whose pods remember what they were handed, and refuse it while their id is in `down`. */
export function openWorld() {
  const db = openD1();
  const accepted: Roster[] = [];
  const logged: string[] = [];
  const down = new Set<string>();
  let ids = 0;
  const podPort = (podId: string): PodPort => ({
    async accept(roster) {
      if (down.has(podId)) throw new Error("Network connection lost.");
      accepted.push(roster);
      return roster.version;
    },
    async snapshot() {
      if (down.has(podId)) throw new Error("Network connection lost.");
      return { version: 3, at: NOW, next: null, members: [], waiting: [], standing: 0, held: 0 };
    },
    catchUp: notAsked,
    claim: notAsked,
    preview: notAsked,
    giveBack: notAsked,
    release: notAsked,
    debit: notAsked,
  });
  const deps: Deps = {
    db,
    chain: chain(territory("DACH", { countryCode: ["DE", "AT"] }, dach), fallback(sdr)),
    forms: [],
    sources: [],
    destinations: [],
    deliveries: { send: async () => {} },
    leads: { send: notAsked },
    notifications: { send: notAsked },
    pod: podPort,
    secret: () => null,
    allow: async () => true,
    fetch: notAsked,
    now: () => NOW,
    sleep: notAsked,
    random: () => 0.5,
    newId: () => `event-${String(++ids).padStart(5, "0")}`,
    log: (level, event, detail) => logged.push(JSON.stringify({ level, event, ...detail })),
  };
  return {
    db,
    deps,
    accepted,
    logged,
    down,
    /** The audit events so far, oldest first. */
    events: () =>
      db.sqlite
        .prepare(
          "SELECT subject_type, subject_id, kind, actor, occurred_at, detail FROM events ORDER BY commit_no, id",
        )
        .all()
        .map((row) => ({ ...row, detail: JSON.parse(String(row["detail"])) })),
    /** Events that their commit does not name: none, ever. */
    unnamedEvents: () =>
      db.sqlite
        .prepare(
          `SELECT subject_type || '/' || subject_id || '/' || id AS name, commit_no AS no FROM events
           EXCEPT
           SELECT k.value ->> 1 || '/' || (k.value ->> 2) || '/' || (k.value ->> 3), c.no
           FROM commits c JOIN json_each(c.keys) k`,
        )
        .all(),
    /** What the pod was handed last, as rep ids; null when nothing was. */
    lastHanded: (podId: string) =>
      accepted.findLast((roster) => roster.podId === podId)?.members.map(({ repId }) => repId) ??
      null,
  };
}

async function notAsked(): Promise<never> {
  throw new Error("not part of this test");
}
