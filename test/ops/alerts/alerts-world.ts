import { chain, fallback, pod, territory } from "lead-router";
import { watchAlerts } from "../../../src/ops/alerts/watch.ts";
import type { AlertName } from "../../../src/ops/alerts/alert.ts";
import type { Deps } from "../../../src/ports/deps.ts";
import { bucketOf, writeRollups } from "../../../src/record/rollups.ts";
import { record } from "../../../src/record/histogram.ts";
import { addCounts, emptyTally, type Tally, timesOf } from "../../../src/record/tally.ts";
import { apiClient } from "../api/api-client.ts";
import { openLiveRouter } from "../api/live-router.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** `patient` keeps leads in line, `sdr` does not. */
const CHAIN = chain(
  territory(
    "Japan",
    { countryCode: "JP" },
    pod("patient", { whenNobody: "wait", waitAtMost: { hours: 2 } }),
  ),
  fallback(pod("sdr")),
);

/** Leads that were decided some minutes ago, in a pod or by nobody. */
export interface DecidedLeads {
  readonly leads: number;
  readonly unassigned?: number;
  readonly seconds?: number;
  readonly pod?: string;
  readonly minutesAgo?: number;
}

/** A router whose ops remember what they were told, while Slack answers `status`. */
export function openAlerts(settings: Readonly<Record<string, string>> = {}) {
  const router = openLiveRouter(CHAIN);
  const told: string[] = [];
  const slack = { status: 200 };
  const secrets = new Map(Object.entries({ SLACK_OPS_WEBHOOK_URL: OPS, ...settings }));
  const deps: Deps = {
    ...router.deps,
    leads: { send: async () => {} },
    secret: (name) => secrets.get(name) ?? null,
    fetch: async (_url, { body }) => {
      if (slack.status === 200) told.push(String(body));
      return new Response(slack.status === 200 ? "ok" : "", { status: slack.status });
    },
  };
  const tallies = new Map<number, Tally>();
  const call = apiClient(deps);
  return {
    ...router,
    deps,
    told,
    slack,
    secrets,
    tend: () => watchAlerts(deps),
    /** Checks once a minute. */
    async tendFor(minutes: number) {
      for (let minute = 0; minute < minutes; minute++) {
        await watchAlerts(deps);
        router.clock.now += MINUTE;
      }
    },
    /** Has these in the rollup. */
    async decide({
      leads,
      unassigned = 0,
      seconds = 1,
      pod: in_ = "sdr",
      minutesAgo = 0,
    }: DecidedLeads) {
      const bucket = bucketOf(router.clock.now - minutesAgo * MINUTE);
      const tally = tallies.get(bucket) ?? emptyTally();
      tallies.set(bucket, tally);
      addCounts(tally, ["bo", in_, "everyone", null, leads - unassigned, 0]);
      if (unassigned > 0) addCounts(tally, [null, null, null, null, unassigned, 0]);
      for (let lead = 0; lead < leads; lead++)
        record(timesOf(tally, "receivedToDecided", in_), seconds * 1_000);
      await writeRollups(deps.db, tallies, 0, 0);
    },
    async alert(name: AlertName): Promise<any> {
      const { json }: any = await call("GET", "/alerts");
      return json.items.find((one: any) => one.name === name);
    },
    rowsOf: (table: string) =>
      router.db.sqlite
        .prepare(`SELECT * FROM ${table}`)
        .all()
        .map((row) => ({ ...row })),
  };
}

const OPS = "https://slack.test/ops";
