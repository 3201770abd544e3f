// The caps add up to less than the leads of a run: towards its end, when the sweep brings back what the kills
// interrupted, everybody is close to a cap, and one claim counted wrongly or one pass committed twice shows.

export interface TeamRep {
  readonly id: string;
  /** IANA. */
  readonly timeZone: string;
  /** Over everything, a local day; null = none. */
  readonly dailyCap: number | null;
}

export interface TeamMember {
  readonly podId: string;
  readonly repId: string;
  /** In this pod, a local day; null = what rules.ts says of the pod. */
  readonly dailyCap: number | null;
}

export interface TeamAccount {
  readonly domain: string;
  readonly ownerId: string;
}

export const REPS: readonly TeamRep[] = [
  { id: "ana", timeZone: "America/Sao_Paulo", dailyCap: null },
  { id: "bo", timeZone: "Europe/Stockholm", dailyCap: 55 },
  { id: "chidi", timeZone: "Africa/Lagos", dailyCap: null },
  { id: "dana", timeZone: "Europe/Berlin", dailyCap: 45 },
  { id: "emre", timeZone: "Asia/Tokyo", dailyCap: 60 },
  { id: "fumi", timeZone: "Pacific/Auckland", dailyCap: 35 },
];

export const MEMBERS: readonly TeamMember[] = [
  { podId: "enterprise", repId: "ana", dailyCap: null },
  { podId: "enterprise", repId: "bo", dailyCap: 25 },
  { podId: "enterprise", repId: "dana", dailyCap: 20 },
  { podId: "dach", repId: "bo", dailyCap: 30 },
  { podId: "dach", repId: "dana", dailyCap: 30 },
  { podId: "sdr", repId: "chidi", dailyCap: 40 },
  { podId: "sdr", repId: "emre", dailyCap: null },
  { podId: "nurture", repId: "fumi", dailyCap: null },
  { podId: "nurture", repId: "emre", dailyCap: 20 },
  { podId: "everyone", repId: "ana", dailyCap: 30 },
  { podId: "everyone", repId: "chidi", dailyCap: 25 },
];

/** The pods of the sample rules.ts. */
export const POD_IDS: readonly string[] = [...new Set(MEMBERS.map(({ podId }) => podId))];

/** Accounts whose owners get leads past their pods: only their own caps, kept by D1, hold them. */
export const ACCOUNTS: readonly TeamAccount[] = [
  { domain: "alpen.example", ownerId: "bo" },
  { domain: "baltic.example", ownerId: "dana" },
  { domain: "cedro.example", ownerId: "fumi" },
];
