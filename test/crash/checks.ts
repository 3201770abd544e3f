import type { PodView } from "./answers.ts";
import type { Journal } from "./journal.ts";
import type { Outcome } from "./outcome.ts";
import type { TeamMember, TeamRep } from "./team.ts";

/** A promise of the router, as this test holds the router to it. */
export type PromiseName = "lost" | "undecided" | "doubled" | "over cap" | "miscounted" | "told";

/** One case in which a promise was broken. */
export interface Breach {
  readonly promise: PromiseName;
  readonly what: string;
}

export interface Evidence extends Outcome {
  readonly journal: Journal;
  /** Leads that only the local queue had: see `findSpills`. */
  readonly spills: ReadonlySet<string>;
  readonly reps: readonly TeamRep[];
  readonly members: readonly TeamMember[];
}

/** Holds what is stored, counted and told against the promises. Pure. */
export function findBreaches(evidence: Evidence): Breach[] {
  return [
    ...findLost(evidence),
    ...findUndecided(evidence),
    ...findDoubled(evidence),
    ...findOverOwnCap(evidence),
    ...evidence.pods.flatMap((pod) => [
      ...findOverCap(evidence, pod),
      ...findMiscounted(evidence, pod),
    ]),
    ...findMistold(evidence),
  ];
}

/** The local date at an instant: YYYY-MM-DD. */
export function localDate(timeZone: string, instant: string): string {
  // Swedish writes dates as ISO 8601 does.
  return new Date(instant).toLocaleDateString("sv-SE", { timeZone });
}

function breach(promise: PromiseName, what: string): Breach {
  return { promise, what };
}

function findLost({ journal, leadOfAnswer, spills }: Evidence): Breach[] {
  return [...journal.answers].flatMap(([email, ids]) =>
    ids
      .filter((id) => leadOfAnswer.get(id) === null && !spills.has(id))
      .map((id) => breach("lost", `${email} was answered with ${id}, which is nowhere`)),
  );
}

function findUndecided({ stories }: Evidence): Breach[] {
  return stories
    .filter(({ decisions }) => decisions.length === 0)
    .map(({ lead }) => breach("undecided", `${lead.email} (${lead.id}) has no decision`));
}

function findDoubled({ stories, journal, leadOfAnswer }: Evidence): Breach[] {
  const decidedTwice = stories
    .filter(({ decisions }) => decisions.some(({ generation }) => generation !== 1))
    .map(({ lead }) => breach("doubled", `${lead.email} (${lead.id}) was decided again unasked`));
  const storedTwice = [...Map.groupBy(stories, ({ lead }) => lead.email)]
    .filter(([, same]) => same.length > 1)
    .map(([email, same]) =>
      breach("doubled", `${email} is stored as ${same.map(({ lead }) => lead.id).join(", ")}`),
    );
  const namedTwice = [...journal.answers].flatMap(([email, ids]) => {
    const leads = new Set(ids.flatMap((id) => leadOfAnswer.get(id) ?? []));
    return leads.size > 1 ? [breach("doubled", `${email} has the leads ${[...leads]}`)] : [];
  });
  return [...decidedTwice, ...storedTwice, ...namedTwice];
}

/** How many decisions name the rep on each of their local days, in one pod or, with null, over all. */
function countDays({ stories }: Evidence, podId: string | null, rep: TeamRep): Map<string, number> {
  const days = new Map<string, number>();
  for (const { ownerId, podId: decidedBy, decidedAt } of stories.flatMap(
    ({ decisions }) => decisions,
  )) {
    if (ownerId !== rep.id || (podId !== null && decidedBy !== podId)) continue;
    const day = localDate(rep.timeZone, decidedAt);
    days.set(day, (days.get(day) ?? 0) + 1);
  }
  return days;
}

function findOverOwnCap(evidence: Evidence): Breach[] {
  return evidence.reps.flatMap((rep) =>
    overCap(countDays(evidence, null, rep), rep.dailyCap).map(([day, count]) =>
      breach("over cap", `${rep.id} has ${count} leads on ${day}, own cap ${rep.dailyCap}`),
    ),
  );
}

function findOverCap(evidence: Evidence, { id, settings }: PodView): Breach[] {
  return membersOf(evidence, id).flatMap(({ rep, dailyCap }) => {
    const cap = dailyCap ?? settings.dailyCap;
    return overCap(countDays(evidence, id, rep), cap).map(([day, count]) =>
      breach("over cap", `${rep.id} has ${count} leads in ${id} on ${day}, cap ${cap}`),
    );
  });
}

function overCap(days: ReadonlyMap<string, number>, cap: number | null): [string, number][] {
  return [...days].filter(([, count]) => cap !== null && count > cap);
}

/** Nothing was closed or re-routed: every decision of a pod is open and was received. */
function findMiscounted(evidence: Evidence, { id, ledger }: PodView): Breach[] {
  const breaches: Breach[] = [];
  const compare = (what: string, counted: number, decided: number) => {
    if (counted !== decided)
      breaches.push(breach("miscounted", `${id}: ${what} ${counted}, should be ${decided}`));
  };
  for (const { rep } of membersOf(evidence, id)) {
    const days = countDays(evidence, id, rep);
    const all = [...days.values()].reduce((sum, count) => sum + count, 0);
    const seat = ledger.members.find(({ repId }) => repId === rep.id);
    compare(
      `today of ${rep.id}`,
      seat?.count ?? 0,
      days.get(localDate(rep.timeZone, ledger.at)) ?? 0,
    );
    compare(`open of ${rep.id}`, seat?.open ?? 0, all);
    compare(`received by ${rep.id}`, seat?.received ?? 0, all);
  }
  compare("unsettled claims", ledger.held, 0);
  compare(
    "sum of the balances",
    ledger.members.reduce((sum, { balance }) => sum + balance, 0),
    0,
  );
  return breaches;
}

/** At least once; at most once more for each kill, because each message is recorded before the next is posted. */
function findMistold({ stories, journal }: Evidence): Breach[] {
  return stories
    .map(({ lead }) => ({ email: lead.email, times: journal.announced.get(lead.email) ?? 0 }))
    .filter(({ times }) => times < 1 || times > 1 + journal.kills)
    .map(({ email, times }) => breach("told", `Slack was told ${times} times of ${email}`));
}

function membersOf({ members, reps }: Evidence, podId: string) {
  return members.flatMap(({ podId: of, repId, dailyCap }) => {
    const rep = reps.find(({ id }) => id === repId);
    return of === podId && rep !== undefined ? [{ rep, dailyCap }] : [];
  });
}
