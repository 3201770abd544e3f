import type { ContentfulStatusCode } from "hono/utils/http-status";

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
  too_large: 413,
  unsupported_media_type: 415,
  invalid: 422,
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
