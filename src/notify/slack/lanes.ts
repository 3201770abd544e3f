import type { Announcement } from "./announcement.ts";
import type { Channel } from "./channel.ts";
import type { ChannelMark } from "./channel-marks.ts";
import type { Posted } from "./post.ts";

/** A lead on its way to somebody. */
export interface Passenger {
  readonly lead: Announcement;
  /** Where it can be told, the best place first. */
  readonly route: readonly Channel[];
  /** Leads it may share a message with, itself included: fewer after Slack refused one that it was in. */
  readonly company: number;
}

/** A lead that cannot be told now. */
export interface Left {
  readonly lead: Announcement;
  readonly cause: string;
  readonly afterSeconds: number | null;
}

interface Lane {
  readonly channel: Channel;
  /** Milliseconds since the epoch before which nothing is sent. */
  notBefore: number;
  /** Slack's words when it asked to wait. */
  asked: string | null;
  readonly waiting: Passenger[];
}

/** What became of a message to the first so many who wait at a channel. */
export interface Answer {
  readonly channel: Channel;
  readonly sent: number;
  readonly posted: Posted;
}

/** What is broken, by name: what gone channel this is, or what it needs. */
export function brokenName({ name, needs }: Channel, whose: "channel" | "token"): string {
  return whose === "token" ? (needs ?? name) : name;
}

/**
 * Messages of one visit to Slack, by channel. Pure: what was answered comes in, what is to be said next comes out.
 * A channel that waits, or does not answer, holds up no other; what a broken one had goes on to the next of its route.
 */
export class Lanes {
  readonly left: Left[] = [];
  readonly #lanes = new Map<string, Lane>();
  /** Why not, by name of what is broken. */
  readonly #broken = new Map<string, string>();
  readonly #marks: ReadonlyMap<string, ChannelMark>;

  constructor(marks: ReadonlyMap<string, ChannelMark>) {
    this.#marks = marks;
  }

  /** Lines a lead up at the first channel of its route that is not known to be broken. */
  enter(passenger: Passenger, now: number): void {
    const left = passenger.route.filter((channel) => this.whyNot(channel) === null);
    // Where all rest, the best one is tried: it may have been mended, and nobody would hear otherwise.
    const channel = left.find((one) => !this.#rests(one, now)) ?? left[0];
    if (channel === undefined) {
      const cause = passenger.route.map((one) => this.whyNot(one) ?? "").join("; ");
      this.left.push({ lead: passenger.lead, cause, afterSeconds: null });
    } else this.#laneOf(channel, now).waiting.push(passenger);
  }

  /** Whether nobody waits any more. */
  get empty(): boolean {
    return this.#waiting().length === 0;
  }

  /**
   * Channels that may be sent to now, each with who waits there; of direct messages so many at most. Who is named here and has
   * more waiting goes to the end of the queue.
   */
  ready(
    now: number,
    directMessages: number,
  ): { channel: Channel; waiting: readonly Passenger[] }[] {
    let direct = 0;
    const ready = this.#waiting().filter(({ channel, notBefore }) => {
      if (notBefore > now) return false;
      return channel.kind !== "direct_message" || ++direct <= directMessages;
    });
    for (const lane of ready) {
      this.#lanes.delete(lane.channel.name);
      this.#lanes.set(lane.channel.name, lane);
    }
    return ready.map(({ channel, waiting }) => ({ channel, waiting }));
  }

  /** Takes in what became of the messages of one round, no two of them to one channel. */
  answered(answers: readonly Answer[], now: number): void {
    // Who was told is out before those of a broken channel move on: none of them is told twice.
    for (const outcome of ["accepted", "refused", "again", "gone"])
      for (const answer of answers.filter(({ posted }) => posted.outcome === outcome))
        this.#takeIn(answer, now);
  }

  #takeIn({ channel, sent, posted }: Answer, now: number): void {
    const lane = this.#laneOf(channel, now);
    switch (posted.outcome) {
      case "accepted":
        lane.waiting.splice(0, sent);
        return;
      case "refused": {
        const refused = lane.waiting.splice(0, sent);
        // Halved until the one that Slack cannot take stands alone: it takes no other with it.
        const company = Math.floor(sent / 2);
        if (sent > 1) lane.waiting.unshift(...refused.map((one) => ({ ...one, company })));
        return;
      }
      case "again":
        if (posted.afterSeconds === null) return this.#leave(lane, posted.cause);
        lane.asked = posted.cause;
        lane.notBefore = now + posted.afterSeconds * 1000;
        return;
      case "gone":
        this.#broken.set(brokenName(channel, posted.whose), posted.cause);
        for (const { channel: other, waiting } of this.#lanes.values()) {
          if (this.whyNot(other) === null) continue;
          this.#lanes.delete(other.name);
          for (const passenger of waiting) this.enter(passenger, now);
        }
    }
  }

  #leave({ channel, waiting }: Lane, cause: string): void {
    this.#lanes.delete(channel.name);
    this.left.push(...waiting.map(({ lead }) => ({ lead, cause, afterSeconds: null })));
  }

  /** When the next channel with somebody waiting may be sent to, in milliseconds since the epoch; ∞ when nobody waits. */
  nextAt(): number {
    return Math.min(...this.#waiting().map(({ notBefore }) => notBefore));
  }

  /** Ends the visit: who waits because their channel asked to, and who only because there was more than one visit takes. */
  close(now: number): { resting: { channel: Channel; until: number }[]; later: Announcement[] } {
    const [resting, others] = [[], []] as [Lane[], Lane[]];
    for (const lane of this.#waiting()) (lane.notBefore > now ? resting : others).push(lane);
    for (const { waiting, asked, notBefore } of resting) {
      const cause = asked ?? "Slack asked to wait";
      const afterSeconds = Math.ceil((notBefore - now) / 1000);
      this.left.push(...waiting.map(({ lead }) => ({ lead, cause, afterSeconds })));
    }
    return {
      resting: resting.map(({ channel, notBefore }) => ({ channel, until: notBefore })),
      later: others.flatMap(({ waiting }) => waiting.map(({ lead }) => lead)),
    };
  }

  /** Why a channel is broken, as was found in this visit; null when it was not. */
  whyNot({ name, needs }: Channel): string | null {
    return this.#broken.get(name) ?? (needs === null ? null : (this.#broken.get(needs) ?? null));
  }

  #rests({ name, needs }: Channel, now: number): boolean {
    return [name, ...(needs === null ? [] : [needs])].some((one) => {
      const mark = this.#marks.get(one);
      return mark !== undefined && mark.cause !== null && mark.until > now;
    });
  }

  #waiting(): Lane[] {
    return [...this.#lanes.values()].filter(({ waiting }) => waiting.length > 0);
  }

  #laneOf(channel: Channel, now: number): Lane {
    const known = this.#lanes.get(channel.name);
    if (known !== undefined) return known;
    const mark = this.#marks.get(channel.name);
    // Another visit was asked to wait.
    const asked = mark !== undefined && mark.cause === null && mark.until > now;
    const lane: Lane = {
      channel,
      notBefore: asked ? mark.until : now,
      asked: null,
      waiting: [],
    };
    this.#lanes.set(channel.name, lane);
    return lane;
  }
}
