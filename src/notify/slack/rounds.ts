import { transaction, type Query } from "../../lib/query.ts";
import type { Deps } from "../../ports/deps.ts";
import { noteUntold } from "../../record/dead-letters.ts";
import type { DecisionKey } from "../../record/decision-key.ts";
import type { NotificationKind } from "../../record/events.ts";
import { finish } from "../../record/pending.ts";
import { type Announcement, findObjection, logAnnounced, recordEndings } from "../announcement.ts";
import { ChannelQueues, type Sent, type Unsent, type WaitingLead } from "./channel-queues.ts";
import {
  type ChannelMark,
  type ChannelMarks,
  clearChannelMarks,
  type NamedMark,
  notifyOfChannels,
  setChannelMarks,
} from "./channel-troubles.ts";
import { brokenName, namesOf, readPublicUrl, routeOf } from "./channel.ts";
import { SLACK_LIMITS } from "./format.ts";
import { LEADS_PER_MESSAGE, packMessage, type Setting } from "./lead-message.ts";

/** How long a round takes at least, in milliseconds: each sends one message to a channel. */
const ROUND_MS = 1000 / SLACK_LIMITS.messagesPerSecond;
/**
 * Rounds in one run. A channel with a thousand leads takes 42, and while a run lasts no other starts: leads that come
 * meanwhile, for any channel, have their turn after 8 seconds.
 */
const ROUNDS = 8;
/**
 * Direct messages in a round. Slack lets an app send "several hundred" a minute to all of a workspace (docs.slack.dev,
 * chat.postMessage, "Rate limiting"), and a Worker has six connections at once (Workers limits).
 */
const DIRECT_MESSAGES = 5;
/** A channel that asks for more than that is not waited for, in milliseconds: its leads are retried by the queue. */
const PATIENCE_MS = 3_000;
/**
 * How long a broken channel is left alone before a message tries it again, in milliseconds: once it is fixed, it is used again
 * within that time, and a channel that is broken for a day costs 288 posts.
 */
const TRY_AGAIN_MS = 5 * 60_000;
/** How long ops are not notified again that a message was refused for the same cause, in milliseconds: it is about that message. */
const REFUSAL_MS = 24 * 60 * 60_000;

/**
 * Announces these decisions in Slack, in rounds: each sends one message to every channel that has leads waiting, all at once, and
 * records them in one transaction before the next begins. So a crash, or a lost answer, repeats at most one message of a
 * channel, and no lead twice; and no channel gets more than a message a second.
 * @returns the leads that could not be announced, and those for which the run had no time
 */
export async function announceInSlack(
  deps: Deps,
  announcements: readonly Announcement[],
  known: ChannelMarks,
): Promise<{ readonly unsent: readonly Unsent[]; readonly later: readonly DecisionKey[] }> {
  const marks = new Map(known);
  const queues = new ChannelQueues(marks);
  const publicUrl = readPublicUrl(deps);
  for (const lead of await findRoutes(deps, announcements)) queues.add(lead, deps.now());

  for (let round = 1; !queues.empty; round++) {
    const startedAt = deps.now();
    const sent = await sendRound(deps, queues, publicUrl);
    await recordRound(deps, sent, marks);
    queues.answered(sent, deps.now());
    if (queues.empty && round === 1) break;
    const last = queues.empty || round === ROUNDS;
    // After the last round too: the next run may send at once.
    const next = Math.max(startedAt + ROUND_MS, last ? 0 : queues.nextAt());
    const pause = next - deps.now();
    if (pause > PATIENCE_MS) break;
    if (pause > 0) await deps.sleep(pause);
    if (last) break;
  }
  const { unsent, resting, later } = queues.close(deps.now());
  // Later runs leave channels alone that asked to wait.
  if (resting.length > 0) await transaction(deps.db, [setChannelMarks(resting)]);
  await notifyOfChannels(deps, marks);
  return { unsent, later };
}

/** The decisions to announce, and where; the others are recorded as skipped. */
async function findRoutes(
  deps: Deps,
  announcements: readonly Announcement[],
): Promise<readonly WaitingLead[]> {
  const waiting: WaitingLead[] = [];
  const skipped: Ended[] = [];
  for (const lead of announcements) {
    const route = findObjection(lead) ?? routeOf(deps, lead);
    if (typeof route !== "string") waiting.push({ lead, route, mostInMessage: LEADS_PER_MESSAGE });
    else skipped.push({ kind: "notification_skipped", lead, detail: { reason: route } });
  }
  await recordEnded(deps, skipped);
  return waiting;
}

async function sendRound(
  deps: Deps,
  queues: ChannelQueues,
  publicUrl: string | null,
): Promise<Sent[]> {
  const now = deps.now();
  return await Promise.all(
    queues.ready(now, DIRECT_MESSAGES).map(async ({ channel, waiting }): Promise<Sent> => {
      const together = sharedMessage(waiting);
      const instead = together.some(({ route }) => route[0]?.name !== channel.name);
      const setting: Setting = { kind: channel.kind, now, publicUrl, instead };
      const leads = together.map(({ lead }) => lead);
      const packed = packMessage(leads, setting);
      const posted = await channel.send(packed.message);
      return { channel, leads: together.slice(0, packed.leads), posted };
    }),
  );
}

/** The first waiting leads that can share a message: of one outcome, and no more than each of them allows. */
function sharedMessage(waiting: readonly WaitingLead[]): readonly WaitingLead[] {
  const [first] = waiting;
  if (first === undefined) return [];
  const others = waiting.findIndex(({ lead }) => lead.outcome !== first.lead.outcome);
  const alike = others < 0 ? waiting : waiting.slice(0, others);
  return alike.slice(0, Math.max(1, first.mostInMessage));
}

/**
 * Records a round in one transaction: leads that were announced, leads that Slack refused for good, channels that broke and
 * channels that work again. `marks` follow.
 */
async function recordRound(
  deps: Deps,
  sent: readonly Sent[],
  marks: Map<string, ChannelMark>,
): Promise<void> {
  const accepted = sent.filter(({ posted }) => posted.outcome === "accepted");
  const names = new Set(accepted.flatMap(({ channel }) => namesOf(channel)));
  const working = [...names].filter((name) => marks.has(name));
  if (working.length > 0) deps.log("info", "slack_works_again", { channels: working.join(", ") });
  const broken = sent.flatMap((one) => troublesOf(one, marks, deps.now()));
  const ended = [...accepted, ...sent.filter(isRefusedAlone)].flatMap(endedBy);
  await recordEnded(deps, ended, [
    ...(working.length > 0 ? [clearChannelMarks(working)] : []),
    ...(broken.length > 0 ? [setChannelMarks(broken)] : []),
  ]);
  for (const name of working) marks.delete(name);
  for (const [name, mark] of broken) marks.set(name, mark);
}

/** What an answer says is broken, and whether ops know of it. */
function troublesOf(sent: Sent, marks: ChannelMarks, now: number): readonly NamedMark[] {
  const { channel, posted } = sent;
  if (posted.outcome === "gone") {
    const name = brokenName(channel, posted.whose);
    const known = marks.get(name);
    const told = known?.cause === posted.cause && known.told;
    return [[name, { cause: posted.cause, told, until: now + TRY_AGAIN_MS }]];
  }
  if (posted.outcome !== "refused" || !isRefusedAlone(sent)) return [];
  const name = `refused by ${channel.name}`;
  const known = marks.get(name);
  const told = known?.cause === posted.cause && known.told && known.until > now;
  const until = told ? known.until : now + REFUSAL_MS;
  return [[name, { cause: posted.cause, told, until }]];
}

/** Whether Slack refused a lead that stood alone in its message: it will never accept it. */
function isRefusedAlone({ posted, leads }: Sent): boolean {
  return posted.outcome === "refused" && leads.length === 1;
}

/** A notification that ended, in the words of the audit. */
interface Ended {
  readonly kind: NotificationKind;
  readonly lead: Announcement;
  readonly detail: {
    readonly channel?: string;
    readonly leadsInMessage?: number;
    readonly insteadOf?: string;
    readonly reason?: string;
    readonly cause?: string;
  };
}

function endedBy({ channel, leads, posted }: Sent): readonly Ended[] {
  return leads.map(({ lead, route }) => {
    const meant = route[0]?.kind ?? channel.kind;
    return {
      kind: posted.outcome === "accepted" ? "notified" : "notification_failed",
      lead,
      detail: {
        channel: channel.kind,
        leadsInMessage: leads.length,
        ...(meant === channel.kind ? {} : { insteadOf: meant }),
        ...("cause" in posted ? { cause: posted.cause } : {}),
      },
    };
  });
}

/** Records decisions that nobody could be notified of, and never will. */
export async function recordGivenUp(
  deps: Deps,
  leads: readonly Announcement[],
  cause: string,
): Promise<void> {
  const kind = "notification_failed";
  const ended = leads.map((lead): Ended => ({ kind, lead, detail: { cause } }));
  await recordEnded(deps, ended, leads.length > 0 ? [noteUntold(leads, deps.now())] : []);
}

/** Records notifications that ended, with what else the round found out, and logs a line for each. */
async function recordEnded(
  deps: Deps,
  ended: readonly Ended[],
  queries: readonly Query[] = [],
): Promise<void> {
  const leads = ended.map(({ lead }) => lead);
  const finished = leads.length > 0 ? [finish("notify", leads)] : [];
  await recordEndings(deps, ended, [...finished, ...queries]);
  for (const { kind, lead, detail } of ended) {
    const { leadsInMessage: _count, insteadOf: _meant, ...logged } = detail;
    const level = kind === "notification_failed" ? "warn" : "info";
    logAnnounced(deps, level, kind, lead, { pod: lead.podId, ...logged });
  }
}
