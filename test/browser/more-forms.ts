import { form } from "lead-router";

/** Forms that the document has not: one for each answer that a form of it does not give. */
export const moreForms = [
  form("limited", { rateLimit: "FORMS_TIGHT" }),
  form("strict", { allowMissingOrigin: false }),
  form("closed", { active: false }),
  // Neither D1 nor the queue is there for it: see worker.ts.
  form("outage"),
];
