import { OpenAPIHono, type RouteConfig } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { ContentfulStatusCode, StatusCode } from "hono/utils/http-status";
import { z } from "zod";
import type { Deps } from "../../ports/deps.ts";
import type { ApiEnv } from "./api-env.ts";
import { readJson, validate } from "./input.ts";
import { documentProblems, type ProblemCode } from "./problem.ts";
import { readQuery } from "./query-string.ts";

/** One answer an endpoint may give. */
export interface Answer {
  readonly description: string;
  /** What the JSON body is; left out = no body. */
  readonly schema?: z.ZodType;
  /** Headers it carries, each with what it says. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A body as it really comes; shown in the docs, checked against the schema by a test. */
  readonly example?: unknown;
  /** Media types the same list is also answered in, each with a few lines as they really come. */
  readonly alsoAs?: Readonly<Record<string, string>>;
}

/**
 * One call of the API, as data: what it takes, what it answers. The same schemas check requests, type the handler's
 * answers and make the OpenAPI document, so that the three cannot part.
 */
export interface Endpoint<Params, Query, Body, Answers> {
  readonly method: "get" | "post" | "put" | "delete";
  /** With its parameters in braces: "/leads/{id}". Under /api. */
  readonly path: string;
  readonly tag: Tag;
  /** A few words: what it is for. */
  readonly summary: string;
  readonly description?: string;
  readonly params?: z.ZodType<Params>;
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  readonly bodyExample?: unknown;
  /** A body that the handler reads by itself: its media types, each with an example. */
  readonly rawBody?: Readonly<Record<string, string>>;
  readonly headers?: z.ZodObject;
  /** By HTTP status. */
  readonly answers: Answers;
  /** Problems beside those every call has (see `problemsOf`). */
  readonly problems?: readonly ProblemCode[];
}

/** The chapters of the API's docs. */
export type Tag = "Leads" | "Audit" | "Metrics" | "Pods" | "Reps" | "Accounts" | "Rules" | "Health";

/** A request whose parts meet the endpoint's schemas. */
export interface Call<Params, Query, Body> {
  readonly deps: Deps;
  /** The name of the token that asks: the audit's actor. */
  readonly actor: string;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly request: Request;
}

type Reply<Answers> = {
  [Status in keyof Answers]: Answers[Status] extends { readonly schema: z.ZodType<infer Body> }
    ? {
        readonly status: Status;
        readonly body: Body;
        readonly headers?: Readonly<Record<string, string>>;
      }
    : { readonly status: Status; readonly headers?: Readonly<Record<string, string>> };
}[keyof Answers];

/** A part of the API, to be mounted in `apiApp`. */
export type ApiPart = OpenAPIHono<ApiEnv>;

export function apiPart(): ApiPart {
  return new OpenAPIHono<ApiEnv>();
}

/**
 * Adds a call to the API. The handler gets what the schemas let through and returns one of the endpoint's answers, or a
 * Response of its own where it streams.
 */
export function endpoint<
  Params = Record<never, never>,
  Query = Record<never, never>,
  Body = undefined,
  const Answers extends Readonly<Record<number, Answer>> = Readonly<Record<number, Answer>>,
>(
  api: ApiPart,
  contract: Endpoint<Params, Query, Body, Answers>,
  handle: (
    call: Call<Params, Query, Body>,
    // Alone as well: among Responses, whose status is any number, a status of 200 | 201 is taken for neither.
  ) => Promise<Reply<Answers>> | Promise<Reply<Answers> | Response>,
): void {
  const { method, path, params, query, body } = contract;
  api.openAPIRegistry.registerPath(describe(contract));
  api.on(method, path.replaceAll(/\{(\w+)\}/g, ":$1"), async (c) => {
    const call = {
      deps: c.var.deps,
      actor: c.var.actor,
      // Without a schema a part is empty: the type parameter then has its default.
      params: (params ? validate(params, c.req.param()) : {}) as Params,
      query: readQuery(c.req.url, query ?? (z.strictObject({}) as unknown as z.ZodType<Query>)),
      body: (body ? await readJson(c.req.raw, body) : undefined) as Body,
      request: c.req.raw,
    };
    const reply = await handle(call);
    return reply instanceof Response ? reply : answer(c, reply);
  });
}

/** How callers prove who they are; either will do. The names are those of the document's security schemes. */
const CALLERS: NonNullable<RouteConfig["security"]> = [{ token: [] }, { access: [] }];

/** A name for generated clients: "getLeadsId" for `GET /leads/{id}`. */
export function nameOperation(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

interface AnyReply {
  readonly status: PropertyKey;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

function answer(c: Context, { status, body, headers = {} }: AnyReply): Response {
  return body === undefined
    ? c.body(null, status as StatusCode, headers)
    : c.json(body, status as ContentfulStatusCode, headers);
}

function describe<Params, Query, Body, Answers extends Readonly<Record<number, Answer>>>(
  contract: Endpoint<Params, Query, Body, Answers>,
): RouteConfig {
  const { method, path, tag, summary, description, params, query, headers } = contract;
  return {
    method,
    path,
    operationId: nameOperation(method, path),
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: CALLERS,
    request: {
      ...(params !== undefined && { params: parametersOf(params, path) }),
      ...(query !== undefined && { query: parametersOf(query, path) }),
      ...(headers !== undefined && { headers }),
      ...describeBody(contract),
    },
    responses: {
      ...Object.fromEntries(
        Object.entries<Answer>(contract.answers).map(([status, one]) => [
          status,
          describeAnswer(one),
        ]),
      ),
      ...documentProblems(problemsOf(contract)),
    },
  };
}

/** The object of parameters that a schema starts from, whatever it makes of them. Throws when there is none: it could not be described. */
function parametersOf(schema: unknown, path: string): z.ZodObject {
  if (schema instanceof z.ZodObject) return schema;
  if (schema instanceof z.ZodPipe) return parametersOf(schema.in, path);
  throw new Error(`${path}: the schema of its parameters should be that of an object`);
}

function describeBody<Params, Query, Body, Answers>({
  body,
  bodyExample,
  rawBody,
}: Endpoint<Params, Query, Body, Answers>): Pick<NonNullable<RouteConfig["request"]>, "body"> {
  if (body !== undefined) {
    const content = {
      "application/json": {
        schema: body,
        ...(bodyExample !== undefined && { example: bodyExample }),
      },
    };
    return { body: { required: true, content } };
  }
  if (rawBody === undefined) return {};
  const content = Object.fromEntries(
    Object.entries(rawBody).map(([type, example]) => [type, { schema: z.string(), example }]),
  );
  return { body: { required: true, content } };
}

function describeAnswer({ description, headers, schema, example, alsoAs = {} }: Answer) {
  if (schema === undefined) return { description };
  const carried = Object.entries(headers ?? {}).map(([name, says]) => [
    name,
    { description: says, schema: { type: "string" as const } },
  ]);
  const others = Object.entries(alsoAs).map(([type, lines]) => [
    type,
    { schema: z.string(), example: lines },
  ]);
  const json = { schema, ...(example !== undefined && { example }) };
  return {
    description,
    ...(carried.length > 0 && { headers: Object.fromEntries(carried) }),
    content: { "application/json": json, ...Object.fromEntries(others) },
  };
}

/** What every call of its kind may be refused with, and what this one names. */
function problemsOf<Params, Query, Body, Answers>({
  params,
  body,
  rawBody,
  problems = [],
}: Endpoint<Params, Query, Body, Answers>): ReadonlySet<ProblemCode> {
  const takesBody = body !== undefined || rawBody !== undefined;
  return new Set<ProblemCode>([
    "bad_request",
    "unauthorized",
    "forbidden",
    ...(takesBody ? (["too_large"] as const) : []),
    ...(takesBody || params !== undefined ? (["invalid"] as const) : []),
    "too_many_requests",
    "internal",
    // While the keys of Cloudflare Access cannot be had, nobody gets in by it.
    "unavailable",
    ...problems,
  ]);
}
