import { Random } from "../simulation/random.ts";
import { ACCOUNTS } from "./team.ts";

const ROUNDS = 10;
/** Posted together at the start of a round. */
const EARLY_FORMS = 30;
/** Posted right before the kill, so that each kill also cuts off posts. */
const LATE_FORMS = 10;
/** How long before the kill a late form is posted at most, in milliseconds: two posts' time. */
const LATE_MS = 60;

/**
 * Within what bounds kills come, in milliseconds after the first post. The queues hand a batch over 1 s after its first message
 * (wrangler.toml), so the routing pass, some 100 ms long, begins after 1 s, and Slack hears after 2 s, for half a
 * second. The rounds aim at one of these in turn, at the pass twice as often because it is so short.
 */
const MOMENTS: readonly (readonly [from: number, to: number])[] = [
  [LATE_MS, 300],
  [1_000, 1_200],
  [1_000, 1_200],
  [2_000, 2_700],
  [LATE_MS, 3_000],
];

/** A form as it is posted. Its address names it everywhere, whatever ids it is given. */
export interface Form {
  readonly email: string;
  /** `Idempotency-Key`; these forms are posted again after the restart. */
  readonly key: string | null;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Milliseconds from the start of the round. */
  readonly postAfterMs: number;
}

export interface Round {
  readonly forms: readonly Form[];
  readonly killAfterMs: number;
}

/** The whole run: the same seed, the same forms and the same moments. */
export function planRounds(seed: number): Round[] {
  const random = new Random(seed);
  return Array.from({ length: ROUNDS }, (_, round) => {
    const [from, to] = MOMENTS[round % MOMENTS.length] ?? [0, 0];
    const killAfterMs = random.whole(from, to);
    const forms = Array.from({ length: EARLY_FORMS + LATE_FORMS }, (_form, at) => ({
      ...planForm(random, round * (EARLY_FORMS + LATE_FORMS) + at + 1),
      postAfterMs: at < EARLY_FORMS ? 0 : killAfterMs - random.whole(0, LATE_MS),
    }));
    return { forms, killAfterMs };
  });
}

function planForm(random: Random, number: number): Omit<Form, "postAfterMs"> {
  const domain = random.chance(0.1) ? random.pick(ACCOUNTS).domain : "people.example";
  const email = `lead-${number}@${domain}`;
  const key = random.chance(0.3) ? `crash-${number}` : null;
  return { email, key, fields: { email, ...planFields(random) } };
}

/** One of the kinds of leads that the rules of rules.ts tell apart, in this order. */
function planFields(random: Random): Record<string, unknown> {
  return random.pick([
    () => ({ country: random.pick(["DE", "AT", "CH"]), score: random.whole(0, 100) }),
    () => ({ country: "FR", score: random.whole(80, 100) }),
    () => ({ country: "US", score: random.whole(40, 79) }),
    () => ({ country: "GB", score: 10, source: "referral", company_size: random.whole(1, 50) }),
    () => ({ country: "JP" }),
    () => ({ country: "NG", score: random.whole(0, 39) }),
  ])();
}
