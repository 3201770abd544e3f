import type { Announcement } from "../announcement.ts";
import { brokenName, type Channel, namesOf } from "./channel.ts";
import type { ChannelMarks, NamedMark } from "./channel-troubles.ts";
import type { Posted } from "./client.ts";

/** A lead that waits to be announced. */
export interface WaitingLead {
  readonly lead: Announcement;
  /** Where it can be announced, the best channel first. */
  readonly route: readonly Channel[];
  /** Leads it may share a message with, itself included: fewer after Slack refused one that it was in. */
  readonly mostInMessage: number;
}

/** A message that was sent, the leads in it, and what became of it. */
export interface Sent {
  readonly channel: Channel;
  /** The first of those that wait in the channel's queue. */
  readonly leads: readonly WaitingLead[];
  readonly posted: Posted;
}

/** A lead that cannot be announced now. */
export interface Unsent {
  readonly lead: Announcement;
  readonly cause: string;
  /** How long Slack asked to wait; null when it did not say. */
  readonly afterSeconds: number | null;
}

interface ChannelQueue {
  readonly channel: Channel;
  /** Milliseconds since the epoch before which nothing is sent. */
  notBefore: number;
  /** Slack's words when it asked to wait. */
  asked: string | null;
  readonly waiting: WaitingLead[];
}

/**
 * The leads of one run, in a queue for each channel. Pure: what Slack answered comes in, what to send next comes out.
 * A channel that waits, or does not answer, holds up no other; the leads of a broken one go to the next channel of their route.
 */
export class ChannelQueues {
  readonly #unsent: Unsent[] = [];
  readonly #queues = new Map<string, ChannelQueue>();
  /** Why not, by name of what is broken. */
  readonly #broken = new Map<string, string>();
  readonly #marks: ChannelMarks;

  /** @param marks as they are known; the caller keeps them up to date during the run */
  constructor(marks: ChannelMarks) {
    this.#marks = marks;
  }

  /** Puts a lead into the queue of the first channel of its route that is not known to be broken. */
  add(one: WaitingLead, now: number): void {
    const usable = one.route.filter((channel) => this.#whyNot(channel) === null);
    // Where all rest, the best one is tried: it may work again, and nobody would be notified otherwise.
    const channel = usable.find((some) => !this.#rests(some, now)) ?? usable[0];
    if (channel !== undefined) return void this.#queueOf(channel, now).waiting.push(one);
    const cause = one.route.map((some) => this.#whyNot(some) ?? "").join("; ");
    this.#unsent.push({ lead: one.lead, cause, afterSeconds: null });
  }

  /** Whether no lead waits any more. */
  get empty(): boolean {
    return this.#waiting().length === 0;
  }

  /**
   * Channels that may be sent to now, each with the leads that wait there; so many direct messages at most. A channel that is
   * named here goes to the end of the list, for when it has more.
   */
  ready(
    now: number,
    directMessages: number,
  ): { channel: Channel; waiting: readonly WaitingLead[] }[] {
    let direct = 0;
    const ready = this.#waiting().filter(({ channel, notBefore }) => {
      if (notBefore > now) return false;
      return channel.kind !== "direct_message" || ++direct <= directMessages;
    });
    for (const queue of ready) {
      this.#queues.delete(queue.channel.name);
      this.#queues.set(queue.channel.name, queue);
    }
    return ready.map(({ channel, waiting }) => ({ channel, waiting }));
  }

  /** Follows what became of the messages of one round, no two of them to one channel. */
  answered(round: readonly Sent[], now: number): void {
    // Leads that were announced leave before those of a broken channel move on: none of them is announced twice.
    for (const outcome of ["accepted", "refused", "again", "gone"])
      for (const sent of round.filter(({ posted }) => posted.outcome === outcome))
        this.#follow(sent, now);
  }

  #follow({ channel, leads, posted }: Sent, now: number): void {
    const queue = this.#queueOf(channel, now);
    switch (posted.outcome) {
      case "accepted":
        queue.waiting.splice(0, leads.length);
        return;
      case "refused": {
        const refused = queue.waiting.splice(0, leads.length);
        // Halved until the one that Slack does not accept stands alone: it stops no other.
        const mostInMessage = Math.floor(leads.length / 2);
        if (leads.length > 1)
          queue.waiting.unshift(...refused.map((one) => ({ ...one, mostInMessage })));
        return;
      }
      case "again":
        queue.asked = posted.cause;
        if (posted.afterSeconds !== null) queue.notBefore = now + posted.afterSeconds * 1000;
        else this.#leave(queue, null);
        return;
      case "gone":
        this.#broken.set(brokenName(channel, posted.whose), posted.cause);
        for (const { channel: other, waiting } of this.#queues.values()) {
          if (this.#whyNot(other) === null) continue;
          this.#queues.delete(other.name);
          for (const one of waiting) this.add(one, now);
        }
    }
  }

  /** Gives up on a channel's queue for this run. */
  #leave({ channel, waiting, asked }: ChannelQueue, afterSeconds: number | null): void {
    this.#queues.delete(channel.name);
    const cause = asked ?? "Slack asked to wait";
    this.#unsent.push(...waiting.map(({ lead }) => ({ lead, cause, afterSeconds })));
  }

  /** When the next channel with waiting leads may be sent to, in milliseconds since the epoch; ∞ when none waits. */
  nextAt(): number {
    return Math.min(...this.#waiting().map(({ notBefore }) => notBefore));
  }

  /**
   * Ends the run.
   * @returns what could not be sent, the marks of channels that asked to wait, and the leads there was no time for
   */
  close(now: number): { unsent: Unsent[]; resting: NamedMark[]; later: Announcement[] } {
    const resting = this.#waiting().filter(({ notBefore }) => notBefore > now);
    for (const queue of resting) this.#leave(queue, Math.ceil((queue.notBefore - now) / 1000));
    return {
      unsent: this.#unsent,
      resting: resting.map(({ channel, notBefore }) => [
        channel.name,
        { cause: null, told: true, until: notBefore },
      ]),
      later: this.#waiting().flatMap(({ waiting }) => waiting.map(({ lead }) => lead)),
    };
  }

  /** Why a channel is broken, as was found in this run; null when it was not. */
  #whyNot(channel: Channel): string | null {
    return (
      namesOf(channel)
        .map((name) => this.#broken.get(name))
        .find(Boolean) ?? null
    );
  }

  #rests(channel: Channel, now: number): boolean {
    return namesOf(channel).some((name) => {
      const mark = this.#marks.get(name);
      return mark !== undefined && mark.cause !== null && mark.until > now;
    });
  }

  #waiting(): ChannelQueue[] {
    return [...this.#queues.values()].filter(({ waiting }) => waiting.length > 0);
  }

  #queueOf(channel: Channel, now: number): ChannelQueue {
    const known = this.#queues.get(channel.name);
    if (known !== undefined) return known;
    const mark = this.#marks.get(channel.name);
    // An earlier run was asked to wait.
    const asked = mark !== undefined && mark.cause === null && mark.until > now;
    const notBefore = asked ? mark.until : now;
    const queue: ChannelQueue = { channel, notBefore, asked: null, waiting: [] };
    this.#queues.set(channel.name, queue);
    return queue;
  }
}
