import { noteUntold } from "../../record/dead-letters.ts";
import {
  appendCommit,
  type AuditEvent,
  insertEvents,
  leadEvent,
  type NotificationKind,
} from "../../record/events.ts";
import type { Deps } from "../../ports/deps.ts";
import { transaction, type Query } from "../../lib/query.ts";
import { finish } from "../../record/pending.ts";
import type { Announcement } from "./announcement.ts";
import type { Channel } from "./channel.ts";
import { clearMarks, setMarks, type ChannelMark, type NamedMark } from "./channel-marks.ts";
import { brokenName, type Answer, type Passenger } from "./lanes.ts";
import { logEnded } from "./log-ended.ts";

/** A message that was sent, to whom, and what became of it. */
export interface Sent extends Answer {
  readonly passengers: readonly Passenger[];
}

/**
 * How long a broken channel is left alone before a message tries it again, in milliseconds: whoever mends it waits no longer
 * than that, and what is broken for a day costs 288 posts.
 */
const TRY_AGAIN_MS = 5 * 60_000;
/** How long ops are not told again that a message was refused for the same cause, in milliseconds: it is about that message. */
const REFUSAL_MS = 24 * 60 * 60_000;

type Ended = readonly {
  readonly lead: Announcement;
  readonly detail: {
    readonly channel?: string;
    readonly leadsInMessage?: number;
    readonly insteadOf?: string;
    readonly reason?: string;
    readonly cause?: string;
  };
}[];

/** Records decisions of which nobody is to be told. */
export async function recordSkipped(
  deps: Deps,
  skipped: readonly { readonly lead: Announcement; readonly reason: string }[],
): Promise<void> {
  const ended = skipped.map(({ lead, reason }) => ({ lead, detail: { reason } }));
  await record(deps, eventsOf(deps, "notification_skipped", ended), []);
  logEnded(deps, "notification_skipped", ended);
}

/** Records decisions of which nobody could be told, and never will. */
export async function recordGivenUp(
  deps: Deps,
  leads: readonly Announcement[],
  cause: string,
): Promise<void> {
  const ended = leads.map((lead) => ({ lead, detail: { cause } }));
  const dead = leads.length > 0 ? [noteUntold(leads, deps.now())] : [];
  await record(deps, eventsOf(deps, "notification_failed", ended), dead);
  logEnded(deps, "notification_failed", ended);
}

/**
 * Records a round in one transaction: who was told, whom Slack refused for good, which channels broke and which work again.
 * `marks` follow.
 */
export async function recordRound(
  deps: Deps,
  sent: readonly Sent[],
  marks: Map<string, ChannelMark>,
): Promise<void> {
  const told = sent.filter(({ posted }) => posted.outcome === "accepted");
  const [heard, refused] = [told.flatMap(describe), sent.filter(isRefusedAlone).flatMap(describe)];
  const events = [
    ...eventsOf(deps, "notified", heard),
    ...eventsOf(deps, "notification_failed", refused),
  ];
  const names = new Set(told.flatMap(({ channel }) => namesOf(channel)));
  const well = [...names].filter((name) => marks.has(name));
  if (well.length > 0) deps.log("info", "slack_works_again", { channels: well.join(", ") });
  const broken = marksOf(sent, marks, deps.now());
  await record(deps, events, [
    ...(well.length > 0 ? [clearMarks(well)] : []),
    ...(broken.length > 0 ? [setMarks(broken)] : []),
  ]);
  logEnded(deps, "notified", heard);
  logEnded(deps, "notification_failed", refused);
  for (const name of well) marks.delete(name);
  for (const { name, mark } of broken) marks.set(name, mark);
}

/** Has later visits leave channels alone that asked to wait. */
export async function recordRest(
  deps: Deps,
  resting: readonly { readonly channel: Channel; readonly until: number }[],
): Promise<void> {
  const marks = resting.map(({ channel, until }) => ({
    name: channel.name,
    mark: { cause: null, told: true, until },
  }));
  if (marks.length > 0) await transaction(deps.db, [setMarks(marks)]);
}

/** What is broken now, and whether ops know of it. */
function marksOf(
  sent: readonly Sent[],
  marks: ReadonlyMap<string, ChannelMark>,
  now: number,
): readonly NamedMark[] {
  return sent.flatMap((one): NamedMark[] => {
    const { channel, posted } = one;
    if (posted.outcome === "gone") {
      const name = brokenName(channel, posted.whose);
      const told = marks.get(name)?.cause === posted.cause && marks.get(name)?.told === true;
      return [{ name, mark: { cause: posted.cause, told, until: now + TRY_AGAIN_MS } }];
    }
    if (!isRefusedAlone(one) || posted.outcome !== "refused") return [];
    const name = `refused by ${channel.name}`;
    const known = marks.get(name);
    const told = known?.cause === posted.cause && known.told && known.until > now;
    return [
      { name, mark: { cause: posted.cause, told, until: told ? known.until : now + REFUSAL_MS } },
    ];
  });
}

function isRefusedAlone({ posted, sent }: Answer): boolean {
  return posted.outcome === "refused" && sent === 1;
}

function namesOf({ name, needs }: Channel): readonly string[] {
  return needs === null ? [name] : [name, needs];
}

function describe({ channel, passengers, posted }: Sent): Ended {
  return passengers.map(({ lead, route }) => {
    const meant = route[0]?.kind ?? channel.kind;
    return {
      lead,
      detail: {
        channel: channel.kind,
        leadsInMessage: passengers.length,
        ...(meant === channel.kind ? {} : { insteadOf: meant }),
        ...("cause" in posted ? { cause: posted.cause } : {}),
      },
    };
  });
}

function eventsOf(deps: Deps, kind: NotificationKind, ended: Ended): AuditEvent[] {
  const occurredAt = deps.now();
  return ended.map(({ lead, detail }) =>
    leadEvent(deps.newId(), lead, { kind, occurredAt, detail }),
  );
}

async function record(
  deps: Deps,
  events: readonly AuditEvent[],
  marks: readonly Query[],
): Promise<void> {
  if (events.length === 0) {
    if (marks.length > 0) await transaction(deps.db, marks);
    return;
  }
  const ended = events.flatMap(({ subjectId, generation }) =>
    generation === null ? [] : [{ leadId: subjectId, generation }],
  );
  await transaction(deps.db, [
    insertEvents(events),
    appendCommit(deps.now(), [], events),
    finish("notify", ended),
    ...marks,
  ]);
}
