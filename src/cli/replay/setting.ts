import type { Chain } from "../../rules/chain.ts";
import { keyOf } from "../../record/decision-key.ts";
import { isRecord } from "../../lib/json.ts";
import type { History } from "./history.ts";
import type { ReplayRecord } from "./record.ts";
import type { RunSetting } from "./run.ts";

/** What all runs of a replay share. */
export function settingOf(
  record: ReplayRecord,
  history: History,
  chains: readonly Chain[],
): RunSetting {
  const firstDraws = [...record.firstDraws].flatMap(([podId, place]) => {
    const { trail, claimSeq, decidedAt: at } = record.decision(place);
    const step = trail.find((each) => each.podId === podId && each.candidates !== undefined);
    if (!step) return [];
    return [[podId, { step, claimSeq: step.outcome === "matched" ? claimSeq : null, at }] as const];
  });
  return {
    history,
    firstDraws: new Map(firstDraws),
    returning: listReturning(record),
    openCaps: hasOpenCaps(record, chains),
    changes: record.moments.flatMap((moment) =>
      moment.type === "event" && moment.event.subjectType !== "lead" ? [moment.at] : [],
    ),
  };
}

/** Of each re-routed generation, by its key: whether whoever had the lead was ruled out. */
export function listReroutes({ moments }: ReplayRecord): ReadonlyMap<string, boolean> {
  const reroutes = new Map<string, boolean>();
  for (const moment of moments) {
    if (moment.type !== "event" || moment.event.kind !== "reroute_requested") continue;
    const { subjectId: leadId, generation, detail } = moment.event;
    if (generation !== null)
      reroutes.set(keyOf({ leadId, generation }), detail["excludeOwner"] !== false);
  }
  return reroutes;
}

function listReturning({ moments }: ReplayRecord): ReadonlySet<string> {
  const returning = new Set<string>();
  for (const moment of moments) {
    if (moment.type === "decision") {
      if (moment.generation > 1) returning.add(moment.leadId);
    } else if (moment.event.kind === "reroute_requested") returning.add(moment.event.subjectId);
  }
  return returning;
}

function hasOpenCaps({ configuration, moments }: ReplayRecord, chains: readonly Chain[]): boolean {
  return (
    chains.some(({ pods }) => pods.some(({ settings }) => settings.openCap !== undefined)) ||
    [...configuration.members.values()].some(({ openCap }) => openCap !== null) ||
    moments.some(
      (moment) =>
        moment.type === "event" &&
        moment.event.subjectType === "member" &&
        Object.values(moment.event.detail).some(
          (facts) => isRecord(facts) && (facts["openCap"] ?? null) !== null,
        ),
    )
  );
}
