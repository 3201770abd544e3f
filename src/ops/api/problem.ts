import type { RouteConfig } from "@hono/zod-openapi";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { z } from "zod";

/** One thing wrong with a request: which field, and what is wrong with it. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** The closed set of errors the API answers, each with its HTTP status. */
const STATUS = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  precondition_failed: 412,
  too_large: 413,
  unsupported_media_type: 415,
  invalid: 422,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
} as const satisfies Record<string, ContentfulStatusCode>;

export type ProblemCode = keyof typeof STATUS;

/** An error for the caller, answered as RFC 9457 `application/problem+json`. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly errors: readonly FieldProblem[];

  constructor(code: ProblemCode, detail: string, errors: readonly FieldProblem[] = []) {
    super(detail);
    this.code = code;
    this.errors = errors;
  }

  get status(): ContentfulStatusCode {
    return STATUS[this.code];
  }

  toResponse(): Response {
    const title = this.code.replaceAll("_", " ");
    return Response.json(
      {
        type: `urn:lead-router:problem:${this.code}`,
        title,
        status: this.status,
        detail: this.message,
        ...(this.errors.length > 0 && { errors: this.errors }),
      },
      {
        status: this.status,
        headers: {
          "content-type": "application/problem+json",
          ...(this.code === "unauthorized" && { "www-authenticate": 'Bearer realm="lead-router"' }),
          ...(this.code === "unavailable" && { "retry-after": "5" }),
        },
      },
    );
  }
}

/** The body of every problem. */
const problemBody = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z.array(z.strictObject({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem", description: "RFC 9457. `errors` names each field that is wrong." });

/** What each problem means, whatever the call. */
const MEANING: Readonly<Record<ProblemCode, string>> = {
  bad_request: "The query or the body cannot be read; the parameter is named.",
  unauthorized: "No valid token.",
  forbidden: "The token may only read, or ACCESS_USERS does not list who calls.",
  not_found: "There is nothing of this name.",
  conflict: "It does not stand as the caller thinks.",
  precondition_failed: "If-Match or If-None-Match: it was changed since the caller looked.",
  too_large: "The body is too large.",
  unsupported_media_type: "The body is of another type.",
  invalid: "A value cannot be used; each field is named.",
  too_many_requests: "Too many calls without a valid token.",
  internal: "Something went wrong here.",
  unavailable: "A part that is needed does not answer just now. Repeat the request.",
};

/** The problems of an endpoint, by status, as OpenAPI describes responses. */
export function documentProblems(codes: ReadonlySet<ProblemCode>): RouteConfig["responses"] {
  return Object.fromEntries(
    [...codes].map((code) => [
      STATUS[code],
      {
        description: MEANING[code],
        content: { "application/problem+json": { schema: problemBody } },
      },
    ]),
  );
}
