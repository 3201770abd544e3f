import { Hono } from "hono";
import { failureMessage } from "../../lib/failure.ts";
import type { Deps, WithDeps } from "../../ports/deps.ts";
import { WEBHOOK_NAME } from "../../rules/own-fields.ts";
import { findRepeat, type Submission } from "../accept.ts";
import {
  ALLOWED_HEADERS,
  answerReceived,
  answerRefusal,
  FAILED,
  PREFLIGHT_SECONDS,
  RECEIVED_MESSAGE,
  refuse,
  type Refusal,
  thanksPage,
  wantsJson,
} from "../answer.ts";
import { parseLead } from "../draft/parse-lead.ts";
import { type Endpoint, readIdempotencyKey, receive, resultOf } from "../receive.ts";
import { fieldsToRead, fieldsToStore, isFilled } from "./controls.ts";
import { type Address, findByUrl, readAddress, SHAPES } from "./dialects.ts";
import { findSite, type FormPost, readPost } from "./post.ts";
import { renderResend } from "./resend.ts";
import { checkCaptcha, findSpamReason, isWithinLimit } from "./spam.ts";

/** Every address that a form can be posted to, in the ways of several services. Mounted at the root. */
export function formsApp(): Hono<WithDeps> {
  const app = new Hono<WithDeps>();
  for (const shape of SHAPES) {
    app.post(shape.path, async (c) => {
      const address = readAddress(shape, c.req.param(), c.req.url);
      const endpoint = formEndpoint(c.var.deps, c.req.raw, address);
      return shareAnswer(c.req.raw, await receive(c.var.deps, endpoint));
    });
    app.options(shape.path, (c) => {
      const request = c.req.raw;
      const form = findByUrl(c.var.deps.forms, readAddress(shape, c.req.param(), request.url));
      // Often only the body names the form, and it is still to come. Then, and where there is no such form, the post is refused.
      return answerPreflight(request, form === null || findSite(request, form).kind !== "refused");
    });
  }
  return app;
}

const TOO_FAST = refuse(429, {
  code: "TOO_MANY_REQUESTS",
  message: "The form was sent too often. Please try again in a minute.",
});

/**
 * A post becomes a lead, or goes into the quarantine when it looks like spam. The sender gets the same answer either way. A post
 * that cannot be read as a lead is refused in the same words too, so that a refusal does not tell the two apart.
 */
function formEndpoint(deps: Deps, request: Request, address: Address): Endpoint<FormPost, Refusal> {
  return {
    read: () => readPost(deps, request, address),

    guard: async ({ form }) => ((await isWithinLimit(deps, form, request)) ? null : TOO_FAST),

    async draft(post) {
      const { form, controls } = post;
      const idempotency = readIdempotencyKey(request.headers, form.key);
      if (!idempotency.ok) return [idempotency];
      const parsed = parseLead(fieldsToRead(post));
      if (!parsed.ok) return [parsed];
      if (isFilled(controls[WEBHOOK_NAME]))
        deps.log("info", "form_webhook_ignored", { form: form.key });
      const submission: Submission = {
        draft: {
          ...parsed.draft,
          source: parsed.draft.source ?? form.source,
          fields: fieldsToStore(form, parsed.draft.fields),
        },
        door: `form:${form.key}`,
        idempotencyKey: idempotency.key,
        mergeRepeats: true,
        comparesKey: true,
      };

      // After the lead was read: a visitor who has to correct a field still has the answer, which is good for one check.
      const captcha = await checkCaptcha(deps, post);
      if (captcha.verdict === "refused") {
        const leadId = captcha.wasUsed ? await findRepeat(deps, submission) : null;
        return leadId === null
          ? [refuse(403, { code: "CAPTCHA", message: captcha.message })]
          : [{ outcome: "duplicate", leadId }];
      }
      const quarantineFor = findSpamReason(post, deps.now()) ?? captcha.quarantineFor;
      return [{ ...submission, quarantineFor }];
    },

    async answer(outcomes, post) {
      const result = resultOf(outcomes);
      const next = post?.next ?? thanksPage(request);
      // One body for the form clients of every service.
      const more = { redirectUri: next, inlineMessage: RECEIVED_MESSAGE };
      if (result.ok) return answerReceived(request, result.leadId, next, more);
      if (post === null || wantsJson(request)) return await answerRefusal(request, result);
      // A browser gets its fields back, in a form that can be sent again. It follows the redirect only to where the page allows
      // its form to go.
      return await answerRefusal(request, result, {
        content: renderResend(post, result),
        formAction: ["'self'", new URL(next).origin],
      });
    },

    fail(error, post) {
      const form = post === null ? {} : { form: post.form.key };
      deps.log("error", "form_failed", { ...form, error: failureMessage(error) });
      return FAILED;
    },
  };
}

// Scripts of a site read the answer, refusals too: without these headers a browser would show them none. No cookie is ever read.

/** Lets the calling page read an answer. */
function shareAnswer(request: Request, response: Response): Response {
  const shared = new Response(response.body, response);
  shared.headers.append("Vary", "Origin");
  const origin = request.headers.get("Origin");
  if (origin !== null) {
    shared.headers.set("Access-Control-Allow-Origin", origin);
    shared.headers.set("Access-Control-Expose-Headers", "Retry-After");
  }
  return shared;
}

/** Answers a preflight. To a page that may not post, without the headers: its browser sends nothing then. */
function answerPreflight(request: Request, isAllowed: boolean): Response {
  if (!isAllowed) return new Response(null, { status: 403, headers: { Vary: "Origin" } });
  const response = shareAnswer(request, new Response(null, { status: 204 }));
  response.headers.set("Access-Control-Allow-Methods", "POST, OPTIONS");
  response.headers.set("Access-Control-Allow-Headers", ALLOWED_HEADERS.join(", "));
  response.headers.set("Access-Control-Max-Age", String(PREFLIGHT_SECONDS));
  return response;
}
