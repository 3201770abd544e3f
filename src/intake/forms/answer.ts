import { answerRefusal, receivedBody, wantsJson } from "../api/answer.ts";
import type { Refusal } from "../api/refusal.ts";
import { renderResend } from "./resend.ts";
import type { Submission } from "./submission.ts";

/** Answers a submission that is kept, as a lead or in the quarantine: one body for the form clients of every service, or 303. */
export function answerTaken({ request, next }: Submission, leadId: string): Response {
  // 303, not 302: what follows is a GET, and a reload posts nothing again.
  if (!wantsJson(request)) return new Response(null, { status: 303, headers: { Location: next } });
  const body = receivedBody(leadId, next);
  return Response.json({ ...body, redirectUri: next, inlineMessage: body.message });
}

/** Answers a submission that was not taken: a browser gets its fields back, in a form that can be sent again. */
export async function answerNotTaken(submission: Submission, refusal: Refusal): Promise<Response> {
  const { request, next } = submission;
  if (wantsJson(request)) return await answerRefusal(request, refusal);
  // The browser follows the redirect only to where the page allows its form to go.
  return await answerRefusal(request, refusal, {
    content: renderResend(submission, refusal),
    formAction: ["'self'", new URL(next).origin],
  });
}
