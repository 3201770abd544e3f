import type { Pod } from "../src/rules/pod.ts";
import type { ApiClient } from "./api-client.ts";

// A made-up team and its accounts. The caps are small, so that sixty leads are enough to reach them.

export interface SampleRep {
  readonly id: string;
  readonly name: string;
  readonly slackUserId: string;
  /** An IANA name. */
  readonly timeZone: string;
  /** Leads a day in all pods together, by the rep's own calendar; absent = no cap. */
  readonly dailyCap?: number;
  /** The rep is on leave now: since so many days, for so many more. */
  readonly leave?: { readonly begunDaysAgo: number; readonly endsInDays: number };
}

export interface SampleMember {
  readonly podId: string;
  readonly repId: string;
  /** Share of the pod's leads, relative to the other members. */
  readonly weight?: number;
  /** Leads a day in this pod; absent = the pod's default in rules.ts. */
  readonly dailyCap?: number;
}

export const REPS: readonly SampleRep[] = [
  { id: "ana", name: "Ana Souza", slackUserId: "U01ANA", timeZone: "America/Sao_Paulo" },
  { id: "bo", name: "Bo Lindqvist", slackUserId: "U02BO", timeZone: "Europe/Stockholm" },
  { id: "chidi", name: "Chidi Okafor", slackUserId: "U03CHIDI", timeZone: "Africa/Lagos" },
  { id: "dana", name: "Dana Weiss", slackUserId: "U04DANA", timeZone: "Europe/Berlin" },
  { id: "emre", name: "Emre Yılmaz", slackUserId: "U05EMRE", timeZone: "Europe/Istanbul" },
  { id: "fumi", name: "Fumi Tanaka", slackUserId: "U06FUMI", timeZone: "Asia/Tokyo" },
  { id: "grace", name: "Grace Kim", slackUserId: "U07GRACE", timeZone: "America/New_York" },
  {
    id: "hugo",
    name: "Hugo Ramírez",
    slackUserId: "U08HUGO",
    timeZone: "America/Mexico_City",
    leave: { begunDaysAgo: 2, endsInDays: 5 },
  },
  {
    id: "ines",
    name: "Inès Moreau",
    slackUserId: "U09INES",
    timeZone: "Europe/Paris",
    dailyCap: 5,
  },
  { id: "jay", name: "Jay Patel", slackUserId: "U10JAY", timeZone: "Asia/Kolkata" },
];

const MEMBERS: readonly SampleMember[] = [
  { podId: "enterprise", repId: "ana", dailyCap: 3 },
  { podId: "enterprise", repId: "grace" },
  { podId: "enterprise", repId: "hugo" },
  { podId: "dach", repId: "bo" },
  { podId: "dach", repId: "dana", weight: 2 },
  { podId: "sdr", repId: "chidi" },
  { podId: "sdr", repId: "emre" },
  { podId: "sdr", repId: "ines" },
  { podId: "nurture", repId: "fumi" },
  { podId: "nurture", repId: "ines" },
  { podId: "everyone", repId: "jay", dailyCap: 3 },
];

/** How many members a pod gets that the sample does not know: the demo also runs with your own rules. */
const MEMBERS_OF_A_NEW_POD = 3;

/** The members of these pods. Pods that the sample does not know get the next few reps in turn. */
export function placeMembers(pods: readonly Pod[]): SampleMember[] {
  let next = 0;
  return pods.flatMap(({ id }) => {
    const known = MEMBERS.filter(({ podId }) => podId === id);
    if (known.length > 0) return known;
    const placed = REPS.slice(next, next + MEMBERS_OF_A_NEW_POD);
    next = (next + MEMBERS_OF_A_NEW_POD) % REPS.length;
    return placed.map((rep) => ({ podId: id, repId: rep.id }));
  });
}

/** The same team with every cap raised to this many leads a day. */
export function raiseCaps(
  reps: readonly SampleRep[],
  members: readonly SampleMember[],
  leads: number,
): { reps: SampleRep[]; members: SampleMember[] } {
  return {
    reps: reps.map((rep) => ({ ...rep, ...(rep.dailyCap !== undefined && { dailyCap: leads }) })),
    members: members.map((member) => ({ ...member, dailyCap: leads })),
  };
}

// Two hundred made-up companies under .example, a reserved domain that reaches nobody (RFC 2606).

interface SampleAccount {
  readonly domain: string;
  readonly accountId: string;
  readonly name: string;
  readonly ownerId: string;
}

const FIRST_WORDS = [
  "Alpen",
  "Baltic",
  "Cedro",
  "Delta",
  "Ember",
  "Fjord",
  "Granit",
  "Harbor",
  "Iris",
  "Juniper",
  "Kestrel",
  "Lumen",
  "Maple",
  "Nordic",
  "Ocean",
  "Pine",
  "Quartz",
  "River",
  "Sierra",
  "Terra",
];
const TRADES = [
  "Energy",
  "Finance",
  "Foods",
  "Freight",
  "Health",
  "Labs",
  "Robotics",
  "Studios",
  "Textiles",
  "Travel",
];

/** Owners rotate by the company's first word. */
const OWNERS = ["ana", "bo", "chidi", "dana", "emre", "fumi", "grace", "ines"];
/** Two trades differ: hugo is on leave, and "key-accounts" is a team in the CRM, not a rep. */
const OWNERS_BY_TRADE: Readonly<Record<string, string>> = {
  Textiles: "hugo",
  Finance: "key-accounts",
};

export const ACCOUNTS: readonly SampleAccount[] = FIRST_WORDS.flatMap((word, row) =>
  TRADES.map((trade, column) => ({
    domain: `${word}${trade}.example`.toLowerCase(),
    accountId: `A-${String(row * TRADES.length + column + 1).padStart(4, "0")}`,
    name: `${word} ${trade}`,
    ownerId: OWNERS_BY_TRADE[trade] ?? OWNERS[row % OWNERS.length] ?? "ana",
  })),
);

/** The accounts as a CRM would export them in CSV. No value needs quotes. */
export function accountsAsCsv(): string {
  const rows = ACCOUNTS.map(({ domain, accountId, name, ownerId }) =>
    [domain, accountId, name, ownerId].join(","),
  );
  return ["domain,accountId,name,ownerId", ...rows, ""].join("\n");
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** When a rep's leave ends, in milliseconds since the epoch. */
export function endOfLeave({ endsInDays }: NonNullable<SampleRep["leave"]>, now: number): number {
  return now + endsInDays * DAY_MS;
}

/** Creates the team and the accounts through the API, as an administrator would. */
export async function setUpTeam(
  api: ApiClient,
  reps: readonly SampleRep[],
  members: readonly SampleMember[],
  now: number,
): Promise<void> {
  for (const { id, name, slackUserId, timeZone, dailyCap, leave } of reps) {
    const path = `/api/reps/${id}`;
    const email = `${id}@sales.example`;
    await api.put(path, { name, email, slackUserId, timeZone, dailyCap });
    if (leave === undefined) continue;
    await api.put(`${path}/absences/leave`, {
      from: new Date(now - leave.begunDaysAgo * DAY_MS).toISOString(),
      until: new Date(endOfLeave(leave, now)).toISOString(),
      note: "Family time",
    });
  }
  // One by one, because the order of joining is the rotation's last tie-break.
  for (const { podId, repId, weight, dailyCap } of members) {
    await api.put(`/api/pods/${podId}/members/${repId}`, { weight, dailyCap });
  }
  await api.importAccounts(accountsAsCsv());
}
