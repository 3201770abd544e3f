import type { ApiClient } from "../../demo/api-client.ts";
import { REPS } from "./reference-tables.ts";

/** More than a run assigns: without it a pod's own default cap of rules.ts would end the day's leads. */
const NO_CAP = 1_000_000;

/** Puts reps without working hours, and as good as without caps, into these pods, each rep into every one. */
export async function hireReps(api: ApiClient, podIds: readonly string[]): Promise<void> {
  for (let n = 0; n < REPS; n++) {
    await api.put(`/api/reps/rep-${n}`, { name: `Rep ${n}`, timeZone: "Etc/UTC" });
    for (const podId of podIds)
      await api.put(`/api/pods/${podId}/members/rep-${n}`, { dailyCap: NO_CAP });
  }
}
