import type { ApiClient } from "./api-client.ts";
import { accountsAsCsv } from "./sample-accounts.ts";
import type { SampleMember, SampleRep } from "./sample-team.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** When a rep's leave ends, in milliseconds since the epoch. */
export function endOfLeave({ endsInDays }: NonNullable<SampleRep["leave"]>, now: number): number {
  return now + endsInDays * DAY_MS;
}

/** Puts the team and the accounts in place through the API, as their owners would. */
export async function setUpTeam(
  api: ApiClient,
  reps: readonly SampleRep[],
  members: readonly SampleMember[],
  now: number,
): Promise<void> {
  for (const { id, name, slackUserId, timeZone, dailyCap, leave } of reps) {
    const path = `/api/reps/${id}`;
    const email = `${id}@sales.example`;
    await api.put(path, {
      name,
      email,
      slackUserId,
      timeZone,
      ...(dailyCap !== undefined && { dailyCap }),
    });
    if (leave === undefined) continue;
    await api.put(`${path}/absences/leave`, {
      from: new Date(now - leave.begunDaysAgo * DAY_MS).toISOString(),
      until: new Date(endOfLeave(leave, now)).toISOString(),
      note: "Family time",
    });
  }
  // One after another: the order of joining is the ledger's last tie-break.
  for (const { podId, repId, weight, dailyCap } of members) {
    await api.put(`/api/pods/${podId}/members/${repId}`, {
      ...(weight !== undefined && { weight }),
      ...(dailyCap !== undefined && { dailyCap }),
    });
  }
  await api.importAccounts(accountsAsCsv());
}
