import type { RouterClient } from "./router-client.ts";
import { POD_IDS } from "./team.ts";

/** How far the router had come when it was killed. */
export interface Standing {
  readonly stored: number;
  readonly decided: number;
  /** Claims that pods have drawn and no decision rests on: a kill came between the two. */
  readonly undecidedClaims: number;
}

export async function readStanding(client: RouterClient): Promise<Standing> {
  const leads = await client.listLeads();
  const pods = await Promise.all(POD_IDS.map((podId) => client.readPod(podId)));
  const received = pods.flatMap(({ ledger }) => ledger.members.map((member) => member.received));
  const claimed = received.reduce((sum, count) => sum + count, 0);
  const decisions = leads.flatMap(({ decision }) => decision ?? []);
  return {
    stored: leads.length,
    decided: decisions.length,
    undecidedClaims: claimed - decisions.filter(({ podId }) => podId !== null).length,
  };
}
