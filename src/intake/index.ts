// Receives leads: the API, forms and webhooks of other services, and the quarantine.
// Other folders import this file only (.oxlintrc.json).

export { intakeApp } from "./api/app.ts";
export { findCompanyDomainOfEmail, findDomain } from "./api/company-domain.ts";
export { findField, foldFieldName, type SpelledField } from "./api/field-names.ts";
export { readIdempotencyKey } from "./api/idempotency-key.ts";
export { parseLead } from "./api/normalise.ts";
export { storeSpills } from "./api/spill.ts";
export { readText } from "./api/values.ts";
export { formsApp } from "./forms/app.ts";
export { discard } from "./quarantine/discard.ts";
export { expire } from "./quarantine/expire.ts";
export { release } from "./quarantine/release.ts";
export { listWaiting } from "./quarantine/waiting.ts";
export { adapterOf } from "./webhooks/adapters.ts";
export { webhooksApp } from "./webhooks/app.ts";
export {
  dropKept,
  KEPT_MS,
  KEPT_REASONS,
  keptById,
  type KeptDelivery,
  keptFromRow,
  type KeptRow,
  listKept,
} from "./webhooks/deliveries.ts";
export { replayDelivery } from "./webhooks/replay.ts";
export { tendWebhooks } from "./webhooks/tend.ts";
export { TROUBLE } from "./webhooks/trouble-message.ts";
