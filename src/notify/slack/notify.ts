import type { DecisionKey } from "../../record/decision-key.ts";
import type { Deps } from "../../ports/deps.ts";
import type { Announcement } from "./announcement.ts";
import { routeOf } from "./channel.ts";
import type { ChannelMark } from "./channel-marks.ts";
import { Lanes, type Passenger } from "./lanes.ts";
import type { Setting } from "./lead-blocks.ts";
import { tellOfTroubles, untoldMarks } from "./ops.ts";
import { readPublicUrl } from "./public-url.ts";
import { recordRest, recordRound, recordSkipped, type Sent } from "./record.ts";
import { SLACK_LIMITS } from "./slack-limits.ts";
import { LEADS_PER_MESSAGE, packMessage } from "./slack-message.ts";

/** Decisions nobody could be told of yet, with the seconds Slack asked to wait, if it did. */
export interface Untold {
  readonly key: DecisionKey;
  readonly cause: string;
  readonly afterSeconds: number | null;
}

/** What a visit to Slack did not finish. */
export interface Unfinished {
  /** Could not be told now. */
  readonly untold: readonly Untold[];
  /** Would have made the visit too long. */
  readonly later: readonly DecisionKey[];
}

/** How long a round takes at least, in milliseconds: each sends one message to a channel. */
const ROUND_MS = 1000 / SLACK_LIMITS.messagesPerSecond;
/**
 * Rounds in one visit. A channel with a thousand leads takes 42, and while a visit lasts nobody else is heard: what comes
 * meanwhile, for whichever channel, has its turn after 8 seconds.
 */
const ROUNDS = 8;
/**
 * Direct messages in a round. Slack lets an app send "several hundred" a minute to all of a workspace (docs.slack.dev,
 * chat.postMessage, "Rate limiting"), and a Worker has six connections at once (Workers limits).
 */
const DIRECT_MESSAGES = 5;
/** A channel that asks for more than that is not waited for, in milliseconds: its leads go again by themselves. */
const PATIENCE_MS = 3_000;

/**
 * Tells Slack of these decisions, in rounds: each sends one message to every channel that has leads waiting, all at once, and
 * records them in one transaction before the next begins. So a crash, or a lost answer, repeats at most one message of a
 * channel, and no lead twice; and no channel gets more than a message a second.
 */
export async function notify(
  deps: Deps,
  announcements: readonly Announcement[],
  known: ReadonlyMap<string, ChannelMark>,
): Promise<Unfinished> {
  const marks = new Map(known);
  const lanes = new Lanes(marks);
  const publicUrl = readPublicUrl(deps);
  for (const passenger of await admit(deps, announcements)) lanes.enter(passenger, deps.now());

  for (let round = 1; !lanes.empty; round++) {
    const startedAt = deps.now();
    const sent = await sendRound(deps, lanes, publicUrl);
    await recordRound(deps, sent, marks);
    lanes.answered(sent, deps.now());
    if (lanes.empty && round === 1) break;
    const last = lanes.empty || round === ROUNDS;
    // After the last round too: the next visit may send at once.
    const next = Math.max(startedAt + ROUND_MS, last ? 0 : lanes.nextAt());
    const pause = next - deps.now();
    if (pause > PATIENCE_MS) break;
    if (pause > 0) await deps.sleep(pause);
    if (last) break;
  }
  const { resting, later } = lanes.close(deps.now());
  await recordRest(deps, resting);
  await tellOfTroubles(deps, untoldMarks(marks));
  return { untold: lanes.left.map(({ lead, ...why }) => ({ key: lead, ...why })), later };
}

/** Those that somebody is to hear of, and where; the others are recorded as skipped. */
async function admit(deps: Deps, announcements: readonly Announcement[]): Promise<Passenger[]> {
  const admitted: Passenger[] = [];
  const skipped: { lead: Announcement; reason: string }[] = [];
  for (const lead of announcements) {
    if (lead.notified === 1) continue;
    const objection = findObjection(lead);
    const route = routeOf(deps, lead);
    if (objection !== null) skipped.push({ lead, reason: objection });
    else if ("unset" in route) {
      const are = route.unset.length === 1 ? "is" : "are";
      skipped.push({ lead, reason: `${route.unset.join(" and ")} ${are} not set` });
    } else admitted.push({ lead, route: route.channels, company: LEADS_PER_MESSAGE });
  }
  await recordSkipped(deps, skipped);
  return admitted;
}

/** Why nobody is to be told of a decision that stands; null when they are. */
function findObjection(one: Announcement): string | null {
  if (one.erasedAt !== null) return "the lead was erased";
  if (one.newestGeneration > one.generation)
    return `superseded by generation ${one.newestGeneration}`;
  return null;
}

async function sendRound(deps: Deps, lanes: Lanes, publicUrl: string | null): Promise<Sent[]> {
  const now = deps.now();
  const drafts = lanes.ready(now, DIRECT_MESSAGES).map(({ channel, waiting }) => {
    const together = travelTogether(waiting);
    const instead = together.some(({ route }) => route[0]?.name !== channel.name);
    const setting: Setting = { kind: channel.kind, now, publicUrl, instead };
    const packed = packMessage(
      together.map(({ lead }) => lead),
      setting,
    );
    return { channel, message: packed.message, passengers: together.slice(0, packed.leads) };
  });
  return await Promise.all(
    drafts.map(async ({ channel, message, passengers }): Promise<Sent> => {
      return { channel, passengers, sent: passengers.length, posted: await channel.send(message) };
    }),
  );
}

/** The first of those who wait that can share a message: of one outcome, and no more than each of them allows. */
function travelTogether(waiting: readonly Passenger[]): readonly Passenger[] {
  const [first] = waiting;
  if (first === undefined) return [];
  const others = waiting.findIndex(({ lead }) => lead.outcome !== first.lead.outcome);
  const alike = others < 0 ? waiting : waiting.slice(0, others);
  return alike.slice(0, Math.max(1, first.company));
}
