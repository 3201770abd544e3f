import { type ApiClient, type DecidedLead, type DemoLead, findDecision } from "./api-client.ts";

/** How fast leads are posted, and how often their decisions are checked. */
export interface Pace {
  /** Leads posted together. */
  readonly batch: number;
  /** Milliseconds between two batches. */
  readonly batchEveryMs: number;
  /** Posting pauses while this many leads have no decision yet. */
  readonly window: number;
  /** Milliseconds between two checks for decisions. */
  readonly checkEveryMs: number;
  /** Milliseconds without a new decision after which the demo stops waiting. */
  readonly giveUpAfterMs: number;
}

/** Steady enough to watch: sixty leads take about five seconds. */
export const SAMPLE_PACE: Pace = {
  batch: 8,
  batchEveryMs: 600,
  window: 60,
  checkEveryMs: 150,
  giveUpAfterMs: 30_000,
};

/** As fast as the router accepts them. The local queue has batches of up to 100 messages: two keep it busy. */
export const FILE_PACE: Pace = {
  batch: 10,
  batchEveryMs: 0,
  window: 200,
  checkEveryMs: 300,
  giveUpAfterMs: 30_000,
};

/** Leads read per check, and at once: the local router needs about a fifth of a second for a check. */
const CHECK_LENGTH = 60;
const CHECK_WIDTH = 10;

interface Clock {
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export interface Refused {
  readonly label: string;
  readonly message: string;
}

/** The result for all leads: each posted lead is in exactly one of the three lists. */
export interface Followed {
  readonly decided: readonly DecidedLead[];
  readonly refused: readonly Refused[];
  /** Ids of leads that were accepted but not decided in time. */
  readonly undecided: readonly string[];
}

/** Posts the leads in batches and reports each decision as it is made. Rejects if the router fails. */
export async function followLeads(
  api: ApiClient,
  leads: readonly DemoLead[],
  pace: Pace,
  { now, sleep }: Clock,
  onDecided: (decided: DecidedLead, counts: { decided: number; posted: number }) => void,
): Promise<Followed> {
  const decided: DecidedLead[] = [];
  const refused = new Map<DemoLead, Refused>();
  const waiting = new Set<string>();
  const stopped = new AbortController();

  async function post(): Promise<void> {
    for (let at = 0; at < leads.length && !stopped.signal.aborted; at += pace.batch) {
      await Promise.all(
        leads.slice(at, at + pace.batch).map(async (lead) => {
          const answer = await api.postLead(lead);
          if (answer.outcome === "received") waiting.add(answer.leadId);
          else refused.set(lead, { label: lead.label, message: answer.message });
        }),
      );
      await sleep(pace.batchEveryMs);
      while (waiting.size >= pace.window && !stopped.signal.aborted) await sleep(pace.checkEveryMs);
    }
  }

  async function watch(): Promise<void> {
    let lastDecisionAt = now();
    while (decided.length + refused.size < leads.length && !stopped.signal.aborted) {
      const checked = [...waiting].slice(0, CHECK_LENGTH);
      const news = await findDecided(api, checked);
      // Leads that still wait move to the back, so that stuck leads never crowd out the others.
      for (const leadId of checked) waiting.delete(leadId);
      const settled = new Set(news.map(({ lead }) => lead.id));
      for (const leadId of checked) if (!settled.has(leadId)) waiting.add(leadId);

      for (const one of news) {
        decided.push(one);
        const posted = decided.length + refused.size + waiting.size;
        onDecided(one, { decided: decided.length, posted });
      }
      if (news.length > 0 || waiting.size === 0) lastDecisionAt = now();
      if (now() - lastDecisionAt > pace.giveUpAfterMs) stopped.abort();
      await sleep(pace.checkEveryMs);
    }
  }

  await Promise.all([post(), watch()]).finally(() => stopped.abort());
  // In the order of the file, not of the responses.
  const listed = leads.flatMap((lead) => refused.get(lead) ?? []);
  return { decided, refused: listed, undecided: [...waiting] };
}

/** The leads among these that are decided, in the order of their decisions. */
async function findDecided(api: ApiClient, leadIds: readonly string[]): Promise<DecidedLead[]> {
  const found = await readDecided(api, leadIds);
  if (found.length === 0) return found;
  // If a batch commits during the check, only its later leads are seen: check the earlier ones again.
  const seen = new Set(found.map(({ lead }) => lead.id));
  const missed = await readDecided(
    api,
    leadIds.filter((leadId) => !seen.has(leadId)),
  );
  return [...found, ...missed].toSorted((a, b) => orderOf(a).localeCompare(orderOf(b)));
}

async function readDecided(api: ApiClient, leadIds: readonly string[]): Promise<DecidedLead[]> {
  const found: DecidedLead[] = [];
  for (let at = 0; at < leadIds.length; at += CHECK_WIDTH) {
    const stories = await Promise.all(
      leadIds.slice(at, at + CHECK_WIDTH).map((leadId) => api.getLead(leadId)),
    );
    found.push(...stories.flatMap((story) => (story && findDecision(story)) ?? []));
  }
  return found;
}

/** All decisions of a batch commit at the same instant; within a batch, ids are in order of arrival. */
function orderOf({ lead, decision }: DecidedLead): string {
  return `${decision.committedAt} ${lead.id}`;
}
