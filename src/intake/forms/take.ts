import type { Deps } from "../../ports/deps.ts";
import { failureMessage } from "../../lib/failure.ts";
import { acceptLead, type Accepted } from "../api/accept.ts";
import { TOO_LARGE } from "../api/body.ts";
import { readIdempotencyKey } from "../api/idempotency-key.ts";
import { parseLead } from "../api/normalise.ts";
import { type LeadDraft } from "../../rules/lead.ts";
import { FAILED, KEY_REUSED, refuse, UNAVAILABLE, type Refusal } from "../api/refusal.ts";
import { findRepeat } from "../quarantine/find-repeat.ts";
import { quarantine } from "../quarantine/quarantine.ts";
import { checkCaptcha } from "./captcha.ts";
import { TEST_NAME, WEBHOOK_NAME } from "../../rules/own-fields.ts";
import { fieldsToRead, fieldsToStore } from "./controls.ts";
import { findSprungHoneypot, isFilled, isTicked } from "./honeypots.ts";
import { isWithinLimit } from "./rate-limit.ts";
import { findSignals } from "./signals.ts";
import type { Submission } from "./submission.ts";

/** What became of a submission. */
export type Taken = { readonly ok: true; readonly leadId: string } | Refusal;

const TOO_FAST = refuse(429, {
  code: "TOO_MANY_REQUESTS",
  message: "The form was sent too often. Please try again in a minute.",
});
/** Two together are no accident. */
const SIGNALS_OF_SPAM = 2;

/**
 * Takes a submission: as a lead, or into the quarantine when it looks like spam. The sender is told the same either way. What
 * cannot be read as a lead is refused alike too, so that a refusal does not tell the two apart.
 */
export async function takeSubmission(deps: Deps, submission: Submission): Promise<Taken> {
  try {
    return await judge(deps, submission);
  } catch (error) {
    deps.log("error", "form_failed", { form: submission.form.key, error: failureMessage(error) });
    return FAILED;
  }
}

async function judge(deps: Deps, submission: Submission): Promise<Taken> {
  const { form, request, controls } = submission;
  if (!(await isWithinLimit(deps, form, request))) return TOO_FAST;
  const idempotency = readIdempotencyKey(request.headers, form.key);
  if (!idempotency.ok) return idempotency;
  const parsed = parseLead(fieldsToRead(submission));
  if (!parsed.ok) return refuse(422, ...parsed.errors);
  if (isFilled(controls[WEBHOOK_NAME]))
    deps.log("info", "form_webhook_ignored", { form: form.key });

  // After the lead was read: a visitor who has to correct a field still has the answer, which is good for one check.
  const captcha = await checkCaptcha(deps, submission);
  const draft = draftOf(submission, parsed.draft);
  if (captcha.verdict === "refused") {
    const sent = { draft, door: `form:${form.key}`, idempotencyKey: idempotency.key };
    const leadId = captcha.wasUsed ? await findRepeat(deps, sent) : null;
    if (leadId !== null) return { ok: true, leadId };
    return refuse(403, { code: "CAPTCHA", message: captcha.message });
  }
  const reason =
    findReason(submission, deps.now()) ??
    (captcha.verdict === "quarantine" ? captcha.reason : null);
  return toTaken(
    await keep(deps, submission, {
      draft,
      reason,
      idempotencyKey: idempotency.key,
    }),
  );
}

/** Why a submission is kept from the reps, as the quarantine shows it; null when nothing speaks against it. */
function findReason(submission: Submission, now: number): string | null {
  const { form, controls, request, site } = submission;
  if (isTicked(controls[TEST_NAME])) return "test";
  const honeypot = findSprungHoneypot(form, controls);
  if (honeypot !== null) return `honeypot:${honeypot}`;
  const signals = findSignals(request, site, now);
  return signals.length >= SIGNALS_OF_SPAM ? `signals:${signals.join(",")}` : null;
}

function draftOf({ form }: Submission, draft: LeadDraft): LeadDraft {
  return {
    ...draft,
    source: draft.source ?? form.source,
    fields: fieldsToStore(form, draft.fields),
  };
}

async function keep(
  deps: Deps,
  { form }: Submission,
  kept: {
    readonly draft: LeadDraft;
    readonly reason: string | null;
    readonly idempotencyKey: string | null;
  },
): Promise<Accepted> {
  const { draft, reason, idempotencyKey } = kept;
  return reason === null
    ? await acceptLead(deps, draft, idempotencyKey, {
        door: `form:${form.key}`,
        mergeRepeats: true,
        comparesKey: true,
      })
    : await quarantine(
        deps,
        { draft, door: `form:${form.key}`, reason, idempotencyKey },
        { comparesKey: true },
      );
}

function toTaken(accepted: Accepted): Taken {
  switch (accepted.outcome) {
    case "received":
    case "duplicate":
      return { ok: true, leadId: accepted.leadId };
    case "key_reused":
      return KEY_REUSED;
    case "too_large":
      return TOO_LARGE;
    case "unavailable":
      return UNAVAILABLE;
  }
}
