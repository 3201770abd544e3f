import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import packageJson from "../../../../package.json" with { type: "json" };
import { ASSERTION_HEADER } from "../callers/access.ts";
import type { ApiEnv } from "../api-env.ts";
import { apiPart, nameOperation, type Tag } from "../endpoint.ts";
import { describeEvents } from "../event-shapes.ts";
import { describeDoor, DOOR } from "./openapi-door.ts";

/** The API's docs in a few words a chapter. */
const CHAPTERS: Readonly<Record<Tag | typeof DOOR, string>> = {
  [DOOR]: "Where leads come in. Public.",
  Leads: "One lead's whole story, lists of leads, and what people do to them.",
  Audit: "Every decision and event, as it happened. Append-only, without personal data.",
  Metrics: "Who got how many, how fast, and whether that was fair.",
  Pods: "Groups of reps who take turns: rules, members, live ledgers.",
  Reps: "Who gets leads, when and how many.",
  Accounts: "Companies that somebody looks after already.",
  Rules: "The chain of rules: what it says, and what it would do.",
  Health: "Whether everything adds up, and this document.",
};

const DESCRIPTION = `
Routes each incoming lead to the right sales rep in seconds, exactly once, and can say why.

**Tokens.** Every call under \`/api\` but this document takes \`Authorization: Bearer TOKEN\`. A token of scope \`read\` may GET; one of scope
\`write\` may do everything, and the audit names it as the actor. Behind Cloudflare Access its assertion does as well.

**Errors** are RFC 9457 \`application/problem+json\`. \`errors\` names each field that is wrong, with a message that reads on after
the field's name. 503 says that the outcome is not known or not everywhere yet: the same request again completes it. Parameters and
fields that a call does not have are refused, not passed over.

**Lists** answer \`{items, nextCursor}\` and take \`limit\` and \`cursor\`. Send \`nextCursor\` as \`cursor\`, with the same filters, until it
is null. A filter without an index looks at a bounded number of rows a page: such a page may be short, even empty, and its
\`nextCursor\` carries on.

JSON is camelCase; instants are ISO 8601 in UTC.
`.trim();

/** Seconds a browser may go by its copy: somebody who has just deployed should not wait for long. */
const MAX_AGE_SECONDS = 60;

/**
 * Adds `GET /openapi.json`, which describes every call of the app, itself included. It is built when it is first asked for: no
 * start of an isolate waits for it.
 */
export function serveOpenApi(app: OpenAPIHono<ApiEnv>): void {
  const path = "/openapi.json";
  app.openAPIRegistry.registerPath({
    method: "get",
    path,
    operationId: nameOperation("get", path),
    tags: ["Health"],
    summary: "This document",
    security: [],
    responses: {
      200: {
        description: "OpenAPI 3.1.",
        content: {
          "application/json": {
            schema: z.looseObject({ openapi: z.literal("3.1.0") }),
            example: { openapi: "3.1.0", info: { title: "lead-router" }, paths: {} },
          },
        },
      },
    },
  });
  let document: string | null = null;
  app.get(path, (c) => {
    document ??= JSON.stringify(describeApi(app));
    return c.body(document, 200, {
      "Content-Type": "application/json",
      "Cache-Control": `public, max-age=${MAX_AGE_SECONDS}`,
    });
  });
}

/** The OpenAPI document of the API as it is mounted, and of the public door beside it. */
export function describeApi(app: OpenAPIHono<ApiEnv>) {
  const whole = apiPart();
  describeDoor(whole.openAPIRegistry);
  describeEvents(whole.openAPIRegistry);
  whole.route("/api", app);
  whole.openAPIRegistry.registerComponent("securitySchemes", "token", {
    type: "http",
    scheme: "bearer",
    description: "A token of the secret API_TOKENS.",
  });
  whole.openAPIRegistry.registerComponent("securitySchemes", "access", {
    type: "apiKey",
    in: "header",
    name: ASSERTION_HEADER,
    description: "Set by Cloudflare Access on whatever passes it; nobody sends it by hand.",
  });
  return whole.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: packageJson.name,
      version: packageJson.version,
      description: DESCRIPTION,
      license: { name: packageJson.license },
    },
    tags: Object.entries(CHAPTERS).map(([name, description]) => ({ name, description })),
  });
}
