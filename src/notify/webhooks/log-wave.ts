import type { Deps } from "../../ports/deps.ts";
import type { Attempt } from "./send-wave.ts";

/** Says what became of the tries of a wave, once the audit or the list has it: a line each. */
export function logWave(
  { log, now }: Pick<Deps, "log" | "now">,
  destination: string,
  attempts: readonly Attempt[],
): void {
  const at = now();
  for (const { one, tried } of attempts) {
    const { leadId, generation, receivedAt } = one;
    const tries = (one.tries ?? 0) + 1;
    const detail = { leadId, generation, destination, tries, sinceReceivedMs: at - receivedAt };
    if (tried.outcome === "delivered")
      log("info", "delivered", { ...detail, status: tried.status });
    else log("warn", "not_delivered", { ...detail, outcome: tried.outcome, cause: tried.cause });
  }
}
