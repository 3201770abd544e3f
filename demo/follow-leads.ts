import type { ApiClient } from "./api-client.ts";
import type { DemoLead } from "./demo-lead.ts";
import { findDecision, type DecidedLead } from "./lead-story.ts";

/** How the leads are posted and watched. */
export interface Pace {
  /** Leads posted together. */
  readonly wave: number;
  /** Milliseconds between two waves. */
  readonly waveEveryMs: number;
  /** Leads that may wait for their decision before no more are posted. */
  readonly window: number;
  /** Milliseconds between two looks at what was decided. */
  readonly lookEveryMs: number;
  /** Milliseconds without a new decision after which the demo stops waiting. */
  readonly giveUpAfterMs: number;
}

/** Steady enough to watch: sixty leads take about five seconds. */
export const SAMPLE_PACE: Pace = {
  wave: 8,
  waveEveryMs: 600,
  window: 60,
  lookEveryMs: 150,
  giveUpAfterMs: 30_000,
};

/** As fast as the router takes them. A batch of the local queue is at most 100 messages: two keep it busy. */
export const FILE_PACE: Pace = {
  wave: 10,
  waveEveryMs: 0,
  window: 200,
  lookEveryMs: 300,
  giveUpAfterMs: 30_000,
};

/** Stories read in one look, a few at a time: about a fifth of a second's work for the local router. */
const LOOK_LENGTH = 60;
const LOOK_WIDTH = 10;

export interface Surroundings {
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export interface Refused {
  readonly label: string;
  readonly message: string;
}

/** What became of the leads. The three lists together are all that were posted. */
export interface Followed {
  readonly decided: readonly DecidedLead[];
  readonly refused: readonly Refused[];
  /** Ids of leads that were accepted and got no decision in time. */
  readonly undecided: readonly string[];
}

/** Posts the leads in waves and tells of each decision as it is made. Rejects when the router fails. */
export async function followLeads(
  api: ApiClient,
  leads: readonly DemoLead[],
  pace: Pace,
  { now, sleep }: Surroundings,
  onDecided: (decided: DecidedLead, counts: { decided: number; posted: number }) => void,
): Promise<Followed> {
  const decided: DecidedLead[] = [];
  const refused = new Map<DemoLead, Refused>();
  const waiting = new Set<string>();
  const stopped = new AbortController();

  async function post(): Promise<void> {
    for (let at = 0; at < leads.length && !stopped.signal.aborted; at += pace.wave) {
      await Promise.all(
        leads.slice(at, at + pace.wave).map(async (lead) => {
          const answer = await api.postLead(lead);
          if (answer.outcome === "received") waiting.add(answer.leadId);
          else refused.set(lead, { label: lead.label, message: answer.message });
        }),
      );
      await sleep(pace.waveEveryMs);
      while (waiting.size >= pace.window && !stopped.signal.aborted) await sleep(pace.lookEveryMs);
    }
  }

  async function watch(): Promise<void> {
    let lastNews = now();
    while (decided.length + refused.size < leads.length && !stopped.signal.aborted) {
      const looked = [...waiting].slice(0, LOOK_LENGTH);
      const news = await lookAt(api, looked);
      // Who still waits moves to the back, so that a lead that is stuck hides no other.
      for (const leadId of looked) waiting.delete(leadId);
      const settled = new Set(news.map(({ lead }) => lead.id));
      for (const leadId of looked) if (!settled.has(leadId)) waiting.add(leadId);

      for (const one of news) {
        decided.push(one);
        const posted = decided.length + refused.size + waiting.size;
        onDecided(one, { decided: decided.length, posted });
      }
      if (news.length > 0 || waiting.size === 0) lastNews = now();
      if (now() - lastNews > pace.giveUpAfterMs) stopped.abort();
      await sleep(pace.lookEveryMs);
    }
  }

  await Promise.all([post(), watch()]).finally(() => stopped.abort());
  // In the order of the file, not of the answers.
  const listed = leads.flatMap((lead) => refused.get(lead) ?? []);
  return { decided, refused: listed, undecided: [...waiting] };
}

/** Those of the leads that are decided, in the order of their decisions. */
async function lookAt(api: ApiClient, leadIds: readonly string[]): Promise<DecidedLead[]> {
  const found = await readDecided(api, leadIds);
  if (found.length === 0) return found;
  // A batch that is committed during the look is seen only in its later part: the earlier is looked at again.
  const seen = new Set(found.map(({ lead }) => lead.id));
  const missed = await readDecided(
    api,
    leadIds.filter((leadId) => !seen.has(leadId)),
  );
  return [...found, ...missed].toSorted((a, b) => orderOf(a).localeCompare(orderOf(b)));
}

async function readDecided(api: ApiClient, leadIds: readonly string[]): Promise<DecidedLead[]> {
  const found: DecidedLead[] = [];
  for (let at = 0; at < leadIds.length; at += LOOK_WIDTH) {
    const stories = await Promise.all(
      leadIds.slice(at, at + LOOK_WIDTH).map((leadId) => api.getLead(leadId)),
    );
    found.push(...stories.flatMap((story) => (story && findDecision(story)) ?? []));
  }
  return found;
}

/** A batch is committed at one instant; within it the ids are in the order of arrival. */
function orderOf({ lead, decision }: DecidedLead): string {
  return `${decision.committedAt} ${lead.id}`;
}
