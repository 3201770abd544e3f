import type { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

/** What can happen to a call. */
export type Fault =
  | "fails"
  | "answer_lost"
  | "lands_later"
  | "stalls"
  | "away"
  | "killed"
  | "restored";

/** One run of a handler: a request, a batch, an alarm, a sweep. When it is dead, nothing reaches it any more. */
export interface Process {
  readonly name: string;
  dead: boolean;
  /** How wrong this machine's clock is, in milliseconds. */
  readonly skew: number;
  /** Number of the last commit when it began: what it could have seen. */
  readonly startCommit: number;
  /** How often D1 had been set back when it began. */
  readonly era: number;
}

export type Service = "d1" | "queue" | "pod" | "slack";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Chances of each fault per call in ordinary weather: a run of a few hundred calls meets each. */
const CHANCE = {
  fails: 0.02,
  answer_lost: 0.02,
  lands_later: 0.015,
  stalls: 0.012,
  killed: 0.006,
} as const;

const FAULTS = Object.keys(CHANCE) as (keyof typeof CHANCE)[];

/**
 * How a run's weather differs from the ordinary: runs that are bad in one way find what runs that are a little
 * bad in every way do not (swarm testing: Groce et al. 2012).
 */
export interface Weather {
  /** Factors on the chances, by fault and by service. */
  readonly faults: Readonly<Record<keyof typeof CHANCE, number>>;
  readonly services: Readonly<Record<Service, number>>;
  /** Share of machines whose clock is slow, and how slow at most, in milliseconds. */
  readonly slowClocks: number;
  readonly slowest: number;
  /** Deliveries before a message is a dead letter. */
  readonly maxAttempts: number;
}

/** Nothing goes wrong by chance, and messages are delivered as often as wrangler.toml says. */
export const FAIR_WEATHER: Weather = {
  faults: { fails: 0, answer_lost: 0, lands_later: 0, stalls: 0, killed: 0 },
  services: { d1: 0, queue: 0, pod: 0, slack: 0 },
  slowClocks: 0,
  slowest: 0,
  maxAttempts: 100,
};

export function drawWeather(random: Random): Weather {
  const factor = () => random.pick([0.2, 1, 1, 1, 4]);
  return {
    faults: {
      fails: factor(),
      answer_lost: factor(),
      lands_later: factor(),
      stalls: factor(),
      killed: factor(),
    },
    services: { d1: factor(), queue: random.pick([0.2, 1, 1, 8]), pod: factor(), slack: factor() },
    slowClocks: random.pick([0, 0.2, 0.5]),
    slowest: random.pick([2000, 90_000, 600_000]),
    maxAttempts: random.pick([2, 4, 12]),
  };
}

/**
 * The network between the code under test and the stand-ins: it delays every call, and makes it fail, land
 * though its answer is lost, land much later than it failed, or answer so late that others have moved on.
 */
export class Network {
  readonly #scheduler: Scheduler;
  readonly #trace: (line: string) => void;
  readonly #weather: Weather;
  readonly faults = new Map<Fault, number>();
  /** Until when each service is away. */
  readonly #awayUntil = new Map<Service, number>();
  /** How often each service's calls were cancelled. */
  readonly #cancelled = new Map<Service, number>();
  /** No faults but those that were asked for (`takeAway`): what is in flight still lands. */
  calm = false;
  /** Told of each call's effect, after it took place. */
  onEffect: () => void = () => {};
  /** Told of each fault, when it begins. */
  onFault: () => void = () => {};

  constructor(scheduler: Scheduler, weather: Weather, trace: (line: string) => void) {
    this.#scheduler = scheduler;
    this.#weather = weather;
    this.#trace = trace;
  }

  /** Takes a service away for a while. */
  takeAway(service: Service, milliseconds: number): void {
    this.#awayUntil.set(service, this.#scheduler.now + milliseconds);
    this.#trace(`${service} is away for ${Math.round(milliseconds / SECOND)} s`);
  }

  /** Cancels every call of a service that is in flight: none lands any more, and none answers. */
  cancel(service: Service): void {
    this.#cancelled.set(service, this.#cancellations(service) + 1);
  }

  #cancellations(service: Service): number {
    return this.#cancelled.get(service) ?? 0;
  }

  /** Makes a call for a process. `effect` runs at most once, synchronously; the promise may settle otherwise, or never. */
  call<Result>(
    process: Process,
    service: Service,
    label: string,
    effect: () => Result,
    settleAway: () => Error = () => new Error(`${service}: Network connection lost.`),
  ): Promise<Result> {
    const { random } = this.#scheduler;
    const cancelled = this.#cancellations(service);
    const isCancelled = () => this.#cancellations(service) !== cancelled;
    return new Promise<Result>((resolve, reject) => {
      const say = (what: string) => this.#trace(`${process.name}: ${label} ${what}`);
      const answer = (settle: () => void, delay: number) =>
        this.#scheduler.after(delay, () => process.dead || settle());
      const land = (then: (result: Result) => void, otherwise: (error: unknown) => void) => {
        if (isCancelled()) return otherwise(new Error("internal error; reference = cancelled"));
        let result: Result;
        try {
          result = effect();
        } catch (error) {
          say(`is refused: ${error instanceof Error ? error.message : String(error)}`);
          otherwise(error);
          return;
        }
        this.onEffect();
        then(result);
      };
      this.#scheduler.after(random.whole(1, 40), () => {
        // A machine that died before its call left it; what had left may still land.
        if (process.dead && random.chance(0.5)) return;
        const fault = this.#draw(service);
        if (fault !== null) {
          this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
          say(`→ ${fault}`);
          this.onFault();
        }
        switch (fault) {
          case "away":
            return answer(() => reject(settleAway()), random.pick([5, SECOND, 30 * SECOND]));
          case "fails":
            return answer(
              () =>
                reject(
                  new Error(random.pick(["D1_ERROR: Network connection lost.", "internal error"])),
                ),
              10,
            );
          case "answer_lost":
            return land(
              () =>
                answer(
                  () => reject(new Error("internal error; reference = lost")),
                  random.whole(10, 5 * SECOND),
                ),
              reject,
            );
          case "lands_later":
            answer(
              () => reject(new Error("internal error; reference = late")),
              random.whole(10, 5 * SECOND),
            );
            return this.#scheduler.after(random.pick([SECOND, MINUTE, 20 * MINUTE]), () => {
              say("lands at last");
              land(
                () => {},
                () => {},
              );
            });
          case "stalls":
            return land(
              (result) =>
                answer(
                  () => (isCancelled() ? reject(new Error("internal error")) : resolve(result)),
                  random.pick([20 * SECOND, 3 * MINUTE, 40 * MINUTE]),
                ),
              reject,
            );
          case "killed":
            process.dead = true;
            return random.chance(0.5)
              ? land(
                  () => {},
                  () => {},
                )
              : undefined;
          case null:
            return land(
              (result) => answer(() => resolve(result), random.whole(1, 20)),
              (error) => answer(() => reject(error), 1),
            );
        }
      });
    });
  }

  #draw(service: Service): Fault | null {
    const { random, now } = this.#scheduler;
    if ((this.#awayUntil.get(service) ?? 0) > now) return "away";
    if (this.calm) return null;
    for (const fault of FAULTS) {
      const factor = this.#weather.faults[fault] * this.#weather.services[service];
      if (random.chance(CHANCE[fault] * factor)) return fault;
    }
    return null;
  }
}
