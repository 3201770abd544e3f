import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { nameOperation } from "../endpoint.ts";
import { LEAD_ID } from "../leads/lead-examples.ts";

// The public calls beside the API, which src/intake answers. They keep the habits of form services, not the API's: no
// endpoint() declares them, and test/ops/api/docs/openapi-door.test.ts holds what is said here against what they answer.

/** The chapter of the public calls. */
export const DOOR = "Forms";

const text = z.string().optional();

const form = z
  .looseObject({
    email: text.meta({ description: "An email or a phone is enough." }),
    phone: text,
    name: text,
    company: text,
    website: text.meta({ description: "Tells the company's domain where the email does not." }),
    country: text.meta({ description: "A code or a name, in any of many languages." }),
    region: text,
    source: text,
    score: z.union([z.number(), z.string()]).optional(),
  })
  .meta({
    id: "Form",
    description:
      "Many spellings of these names are known (`work_email`, `Company Name`, `utm_source`); whatever else is sent is kept in `fields`.",
  });

const received = z
  .strictObject({
    ok: z.literal(true),
    success: z.literal(true),
    id: z.string().meta({ description: "The lead's id, for `GET /api/leads/{id}`." }),
    status: z.literal("received"),
    next: z.url().meta({ description: "A page that says thank you." }),
    message: z.string(),
  })
  .meta({ id: "Received" });

const refused = z
  .strictObject({
    ok: z.literal(false),
    success: z.literal(false),
    error: z.string(),
    message: z.string(),
    errors: z
      .array(
        z.strictObject({ code: z.string(), field: z.string().optional(), message: z.string() }),
      )
      .min(1)
      .readonly(),
  })
  .meta({ id: "Refused", description: "What form clients of several services read alike." });

const FORM = {
  email: "jane@acme-robotics.de",
  name: "Jane Doe",
  company: "Acme Robotics",
  country: "Germany",
  message: "How soon can you start?",
};

const REFUSALS: Readonly<Record<number, string>> = {
  400: "The body or the Idempotency-Key cannot be read.",
  413: "The form is larger than 100 kB.",
  415: "The body is of another type.",
  422: "A field cannot be used, or neither email nor phone was sent.",
  500: "Something went wrong here.",
  503: "The lead could not be stored. Retry-After says when to try again.",
};

/** Adds the public calls to a document. */
export function describeDoor(registry: OpenAPIHono["openAPIRegistry"]): void {
  registry.registerPath({
    method: "post",
    path: "/leads",
    operationId: nameOperation("post", "/leads"),
    tags: [DOOR],
    summary: "Send a lead",
    description:
      "Answered once the lead is durable. A script gets JSON, a browser that submits a form a redirect to a page. Any origin may call it.",
    security: [],
    request: {
      headers: z.object({
        "Idempotency-Key": z
          .string()
          .regex(/^[\x21-\x7e]{1,255}$/)
          .optional()
          .meta({
            description: "The same key, the same lead, for good: a new one for each submission.",
          }),
      }),
      body: {
        required: true,
        content: {
          "application/json": { schema: form, example: FORM },
          "application/x-www-form-urlencoded": { schema: form, example: FORM },
          "multipart/form-data": { schema: form, example: FORM },
        },
      },
    },
    responses: {
      200: {
        description: "The lead is stored and on its way.",
        content: {
          "application/json": {
            schema: received,
            example: {
              ok: true,
              success: true,
              id: LEAD_ID,
              status: "received",
              next: "https://router.example.com/thanks",
              message: "Thanks, we got it.",
            },
          },
        },
      },
      303: {
        description: "The same, to a browser that submits a form.",
        headers: z.object({ Location: z.url() }),
      },
      ...Object.fromEntries(
        Object.entries(REFUSALS).map(([status, description]) => [
          status,
          {
            description,
            content: {
              "application/json": { schema: refused },
              "text/html": { schema: z.string() },
            },
          },
        ]),
      ),
    },
  });

  registry.registerPath({
    method: "get",
    path: "/healthz",
    operationId: nameOperation("get", "/healthz"),
    tags: [DOOR],
    summary: "Is the router up?",
    security: [],
    responses: {
      200: {
        description: "It is.",
        content: {
          "application/json": {
            schema: z.strictObject({ ok: z.literal(true) }),
            example: { ok: true },
          },
        },
      },
    },
  });
}
