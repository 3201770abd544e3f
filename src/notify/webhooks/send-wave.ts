import type { Deps } from "../../ports/deps.ts";
import type { Announced } from "./announced.ts";
import { deliveryId } from "./delivery-id.ts";
import { writePayload } from "./payload.ts";
import type { Receiver } from "./receiver.ts";
import { send, type Tried } from "./send.ts";

/** Posts at once: a Worker has six connections (Workers limits, "Simultaneous open connections"). */
const AT_ONCE = 5;

/** A delivery and what became of its try. */
export interface Attempt {
  readonly one: Announced;
  readonly tried: Tried;
}

/**
 * Sends these, a few at once, and yields what became of those that were sent: none is begun any more once the destination is
 * gone, asks to wait, or has answered nothing but failures to a full round.
 */
export async function sendWave(
  deps: Deps,
  destination: string,
  receiver: Receiver,
  wave: readonly Announced[],
): Promise<Attempt[]> {
  const waiting = [...wave];
  const attempts: Attempt[] = [];
  const work = async () => {
    for (;;) {
      const one = isClosed(attempts, AT_ONCE) ? undefined : waiting.shift();
      if (one === undefined) return;
      const tried = await send(
        deps,
        receiver,
        deliveryId({ ...one, destination }),
        writePayload(one),
      );
      attempts.push({ one, tried });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return attempts;
}

/** Whether a destination that answered so takes nothing now. @param enough failures, and nothing but failures, that say so */
export function isClosed(attempts: readonly Attempt[], enough: number): boolean {
  const tries = attempts.map(({ tried }) => tried);
  if (tries.some((tried) => tried.outcome === "gone" || isAsked(tried))) return true;
  const failures = tries.filter(
    (tried) => tried.outcome === "again" && tried.whose === "destination",
  );
  return failures.length >= enough && failures.length === tries.length;
}

function isAsked(tried: Tried): boolean {
  return tried.outcome === "again" && tried.whose === "asked";
}
