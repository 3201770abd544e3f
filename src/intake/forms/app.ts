import { Hono } from "hono";
import type { WithDeps } from "../../ports/deps.ts";
import { failureMessage } from "../../lib/failure.ts";
import { answerRefusal } from "../api/answer.ts";
import { FAILED } from "../api/refusal.ts";
import { findByUrl, PATHS, readAddress } from "./address.ts";
import { answerTaken, answerNotTaken } from "./answer.ts";
import { answerPreflight, shareAnswer } from "./cors.ts";
import { findSite } from "./site.ts";
import { openSubmission } from "./submission.ts";
import { takeSubmission } from "./take.ts";

/** Every address that takes a form, in the ways of several services. Mounted at the root. */
export function formsApp(): Hono<WithDeps> {
  const app = new Hono<WithDeps>();
  for (const path of PATHS) {
    app.post(path, async (c) => {
      const request = c.req.raw;
      const { deps } = c.var;
      const submission = await openSubmission(
        deps,
        request,
        readAddress(path, c.req.param(), request.url),
      );
      if (!submission.ok) return shareAnswer(request, await answerRefusal(request, submission));
      const taken = await takeSubmission(deps, submission);
      return shareAnswer(
        request,
        taken.ok ? answerTaken(submission, taken.leadId) : await answerNotTaken(submission, taken),
      );
    });
    app.options(path, (c) => {
      const request = c.req.raw;
      const form = findByUrl(c.var.deps.forms, readAddress(path, c.req.param(), request.url));
      // Which form it is, is often in the body alone, which is still to come. Then, and where there is none, the answer says it.
      return answerPreflight(request, form === null || findSite(request, form).kind !== "refused");
    });
  }
  app.onError(async (error, c) => {
    c.var.deps.log("error", "form_failed", { error: failureMessage(error) });
    return shareAnswer(c.req.raw, await answerRefusal(c.req.raw, FAILED));
  });
  return app;
}
