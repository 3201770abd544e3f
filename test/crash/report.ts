import type { Consistency, Story } from "./answers.ts";
import type { Breach, Evidence, PromiseName } from "./checks.ts";
import type { RoundReport } from "./round.ts";

/** Breaches of one promise that are shown; the rest is counted. */
const SHOWN_BREACHES = 20;

export function renderRound(number: number, report: RoundReport): string {
  const { posted, answered, killedAfterMs, restartedAfterMs, standing, repeated } = report;
  const { stored, decided, undecidedClaims } = standing;
  return (
    `round ${pad(number, 2)}  ${posted} posted, ${pad(answered, 2)} answered, ` +
    `killed after ${pad(killedAfterMs, 4)} ms, back after ${(restartedAfterMs / 1000).toFixed(1)} s ` +
    `with ${pad(stored, 3)} stored, ${pad(decided, 3)} decided, ` +
    `${pad(undecidedClaims, 2)} claims without a decision; ${pad(repeated, 2)} posted again`
  );
}

/** What still waits, in one line. */
export function renderWaiting({ undecided, oldestUnnotified, pending, pods }: Consistency): string {
  const held = pods.reduce((sum, pod) => sum + (pod.held ?? 0), 0);
  const untold = oldestUnnotified === null ? "" : ", some not announced";
  const listed = pending.route + pending.notify + pending.release;
  return `${undecided} undecided${untold}, ${listed} on the sweep's list, ${held} claims unsettled`;
}

/** Who got how many, beside what the pods count. */
export function renderPods({ pods, members, stories }: Evidence): string[] {
  const decisions = stories.flatMap((story) => story.decisions);
  const rows = pods.flatMap(({ id, settings, ledger }) =>
    ledger.members.map(({ repId, count, open, balance }) => {
      const member = members.find((one) => one.podId === id && one.repId === repId);
      const decided = decisions.filter(({ podId, ownerId }) => podId === id && ownerId === repId);
      const cap = member?.dailyCap ?? settings.dailyCap ?? "none";
      const numbers = [decided.length, cap, count, open].map((cell) => pad(cell, 9)).join("");
      return `${id.padEnd(12)}${repId.padEnd(8)}${numbers}${pad((balance / 1e9).toFixed(3), 10)}`;
    }),
  );
  const heads = ["decided", "cap", "today", "open"].map((head) => pad(head, 9)).join("");
  return [`${"pod".padEnd(12)}${"rep".padEnd(8)}${heads}${pad("balance", 10)}`, ...rows];
}

/** Everybody's leads over all pods and accounts. */
export function renderReps({ reps, stories }: Evidence): string {
  const decisions = stories.flatMap((story) => story.decisions);
  const shares = reps.map(({ id, dailyCap }) => {
    const count = decisions.filter(({ ownerId }) => ownerId === id).length;
    return dailyCap === null ? `${id} ${count}` : `${id} ${count} of ${dailyCap}`;
  });
  const nobody = decisions.filter(({ outcome }) => outcome === "unassigned").length;
  return `over all: ${shares.join(", ")}; nobody ${nobody}`;
}

export function renderMessages({ journal, stories, spills, leadOfAnswer }: Evidence): string[] {
  const posts = stories.map(({ lead }) => journal.announced.get(lead.email) ?? 0);
  const more = posts.filter((times) => times > 1).length;
  const forgotten = [...spills].filter((id) => leadOfAnswer.get(id) === null).length;
  const told = `Slack: ${posts.filter((times) => times > 0).length} leads announced, ${more} of them more than once (at most ${Math.max(0, ...posts)} times)`;
  return forgotten === 0
    ? [told]
    : [
        told,
        `${forgotten} leads only the local queue had when it was killed; a real one keeps them`,
      ];
}

export function renderBreaches(breaches: readonly Breach[]): string[] {
  return [...Map.groupBy(breaches, ({ promise }) => promise)].flatMap(([promise, all]) => [
    `${promise}: ${all.length}`,
    ...all.slice(0, SHOWN_BREACHES).map(({ what }) => `  ${what}`),
    ...(all.length > SHOWN_BREACHES ? [`  … and ${all.length - SHOWN_BREACHES} more`] : []),
  ]);
}

/** The last line. */
export function renderVerdict(
  kills: number,
  stories: readonly Story[],
  breaches: readonly Breach[],
): string {
  const count = (promise: PromiseName) => breaches.filter((one) => one.promise === promise).length;
  const decided = stories.length - count("undecided");
  return (
    `${kills} kills: ${stories.length} leads stored, ${decided} decided, ${count("lost")} lost, ` +
    `${count("doubled")} doubled, ${count("over cap")} over cap`
  );
}

function pad(value: string | number, width: number): string {
  return String(value).padStart(width);
}
