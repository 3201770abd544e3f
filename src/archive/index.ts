// Moves old leads and their audit to R2.
// Other folders import this file only (.oxlintrc.json).

export { eraseArchived, type ErasedFromArchive, eraseFromPart } from "./erase.ts";
export { archivedLeadsOf, type FoundLead, type PartPlace, partsThatMayHold } from "./find.ts";
export { FORMAT, listPart, manifestKey } from "./manifest.ts";
export { unpackLines } from "./parts.ts";
export { readArchivedAuditLines } from "./find.ts";
export { reconcileArchive } from "./reconcile.ts";
export { archiveOld } from "./archive-old.ts";
