// Receives leads: the API, forms and webhooks of other services, and the quarantine. Start at receive.ts.
// Other folders import this file only (.oxlintrc.json).

export { findField, foldFieldName, type SpelledField } from "./draft/field-names.ts";
export { parseLead } from "./draft/parse-lead.ts";
export { findCompanyDomainOfEmail, findDomain, readText } from "./draft/values.ts";
export { storeSpills } from "./durable.ts";
export { formsApp } from "./forms/form-endpoint.ts";
export { intakeApp } from "./leads-endpoint.ts";
export { discard, expireQuarantine, listWaiting, release } from "./quarantine.ts";
export { readIdempotencyKey } from "./receive.ts";
export { adapterOf, replayDelivery } from "./webhooks/delivery.ts";
export { KEPT_REASONS, TROUBLE } from "./webhooks/trouble.ts";
export {
  dropKept,
  KEPT_MS,
  keptById,
  type KeptDelivery,
  keptFromRow,
  type KeptRow,
  listKept,
  maintainWebhooks,
} from "./webhooks/unclaimed.ts";
export { webhooksApp } from "./webhooks/webhook-endpoint.ts";
