// Reps, their absences and hours, the members of pods, and accounts.
// Other folders import this file only (.oxlintrc.json).

export { type Absence, listAbsences, putAbsence, readAbsence, removeAbsence } from "./absences.ts";
export {
  type Account,
  type AccountRemoval,
  ACCOUNTS,
  listAccounts,
  putAccount,
  readAccount,
  removeAccount,
  type SavedAccount,
} from "./accounts.ts";
export { findUnavailability } from "./availability.ts";
export { findInstant, isTimeZone, localDay, localTime, startOfNextDay } from "./calendar.ts";
export { deactivateRep } from "./deactivate-rep.ts";
export { importReps } from "./import-reps.ts";
export { type Imported, type ImportJob, importRows } from "./import.ts";
export { accountFromRow, accountOfDomain, accountsOfLeads } from "./matched-accounts.ts";
export {
  listMembers,
  type Member,
  type MemberRefused,
  putMember,
  readMember,
  removeMember,
} from "./members.ts";
export { nextAbsence } from "./next-absence.ts";
export { podsOfRep } from "./push-roster.ts";
export { listReps, putRep, readRep, type Rep, type RepValues } from "./reps.ts";
export type { Removal, Saved } from "./roster-events.ts";
export { podVersions, repRevisions, rosterFromRow, rosterRows } from "./roster.ts";
export type { Overtaken, Seen } from "./seen.ts";
export { dropAbandoned } from "./staged-rows.ts";
export { spansOverlap } from "./working-hours.ts";
