// Reps, their absences and hours, the members of pods, and accounts.
// Other folders import this file only (.oxlintrc.json).

export {
  type Absence,
  listAbsences,
  nextAbsence,
  putAbsence,
  readAbsence,
  removeAbsence,
} from "./absences.ts";
export {
  type Account,
  ACCOUNTS,
  listAccounts,
  putAccount,
  readAccount,
  removeAccount,
  type SavedAccount,
} from "./accounts.ts";
export { findUnavailability } from "./availability.ts";
export { findInstant, isTimeZone, localDay, localTime, startOfNextDay } from "./calendar.ts";
export { dropAbandoned, type Imported, type ImportJob, importReps, importRows } from "./import.ts";
export { accountFromRow, accountOfDomain, accountsOfLeads } from "./matched-accounts.ts";
export { listMembers, type Member, putMember, readMember, removeMember } from "./members.ts";
export { deactivateRep, listReps, putRep, readRep, type Rep } from "./reps.ts";
export { podsOfRep, podVersions, repRevisions, rosterFromRow, rosterRows } from "./roster.ts";
export type { Overtaken, Seen } from "./table.ts";
export { spansOverlap } from "./availability.ts";
