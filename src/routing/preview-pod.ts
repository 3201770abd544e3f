import type { ClaimRequest, PodPort } from "../ports/pod.ts";
import type { Roster } from "../ports/roster.ts";

/**
 * A pod that answers claims and takes none. Each claim is previewed together with those asked before it, so that a second
 * draw for a lead sees what the first one left, as it would.
 * @param at when the claims are asked, in milliseconds since the epoch; null = now, by the pod's clock
 */
export function previewOnly(pod: PodPort, at: number | null, roster: Roster | null): PodPort {
  const claims: ClaimRequest[] = [];
  return {
    async claim(request, epoch) {
      // A copy: the caller adds to its lists while it walks on.
      claims.push(structuredClone(request));
      const answer = (await pod.preview({ claims, at, roster }, epoch)).at(-1);
      if (answer === undefined) throw new Error("the pod left out a claim it was asked for");
      return answer;
    },
    preview: (request, epoch) => pod.preview(request, epoch),
    snapshot: () => pod.snapshot(),
    accept: refuse,
    catchUp: refuse,
    giveBack: refuse,
    release: refuse,
    debit: refuse,
  };
}

async function refuse(): Promise<never> {
  throw new Error("a simulation moves nothing");
}
