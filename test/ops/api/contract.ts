import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect } from "vitest";
import { apiApp } from "../../../src/ops/api/app.ts";
import { describeApi } from "../../../src/ops/api/docs/openapi.ts";

/** What the tests read of an operation of the document. */
interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, Media>> }>
  >;
}

interface Media {
  readonly schema?: unknown;
  readonly example?: unknown;
}

interface ApiDocument {
  readonly openapi: string;
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** The API as nobody calls it: only to be described. */
export const describedApp = apiApp();

/** The OpenAPI document as a caller gets it, parsed. */
export const apiDocument: ApiDocument = JSON.parse(JSON.stringify(describeApi(describedApp)));

export interface Call {
  readonly method: string;
  /** With parameters in braces: "/api/leads/{id}". */
  readonly path: string;
  readonly operation: Operation;
}

/** Every operation of the document. */
export const operations: readonly Call[] = Object.entries(apiDocument.paths).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
);

const DOCUMENT = "openapi.json";
const ajv = new Ajv2020({
  // The document is no JSON Schema but holds many, with words that only OpenAPI knows.
  strict: false,
  validateSchema: false,
  allErrors: true,
  schemas: { [DOCUMENT]: apiDocument },
});
addFormats.default(ajv);
const compiled = new Map<string, ValidateFunction>();

/** What is wrong with a value by a schema of the document, in words; null when nothing is. The pointer's parts are unescaped. */
export function findMismatch(pointer: readonly string[], value: unknown): string | null {
  const ref = `${DOCUMENT}#/${pointer.map(escapePart).join("/")}`;
  const validate = compiled.get(ref) ?? ajv.compile({ $ref: ref });
  compiled.set(ref, validate);
  return validate(value) ? null : ajv.errorsText(validate.errors, { dataVar: "the answer" });
}

function escapePart(part: string): string {
  return encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));
}

/**
 * Fails the test when an answer of the API is none that the document names: by its status, its media type, and the schema
 * of its JSON. Calls that nobody has are passed over.
 * @param path as it was called, query and all: "/api/leads?limit=2"
 */
export function checkAnswer(
  method: string,
  path: string,
  status: number,
  contentType: string | null,
  json: unknown,
): void {
  const call = findOperation(method, path);
  if (call === null) return;
  const name = `${method} ${call.path} answered ${status}`;
  const answer = call.operation.responses[status];
  if (answer === undefined) expect.fail(`${name}, which the document does not name`);
  const type = contentType?.split(";", 1)[0]?.trim() ?? null;
  const types = Object.keys(answer.content ?? {});
  if (type === null ? types.length > 0 : !types.includes(type))
    expect.fail(`${name} as ${type ?? "nothing"}; the document names ${types.join(", ")}`);
  if (type === null || !/[/+]json$/.test(type)) return;
  const pointer = ["paths", call.path, method.toLowerCase(), "responses", `${status}`];
  const mismatch = findMismatch([...pointer, "content", type, "schema"], json);
  if (mismatch !== null) expect.fail(`${name} with another shape than the document: ${mismatch}`);
}

function findOperation(method: string, path: string): Call | null {
  const parts = partsOf(path.split("?", 1)[0] ?? "");
  const fits = operations.filter(
    (call) =>
      call.method === method &&
      partsOf(call.path).length === parts.length &&
      partsOf(call.path).every((part, at) => part.startsWith("{") || part === parts[at]),
  );
  // Where "/accounts/import" and "/accounts/{domain}" both fit, the one with fewer parameters is meant.
  return fits.toSorted((a, b) => countParameters(a.path) - countParameters(b.path))[0] ?? null;
}

function partsOf(path: string): readonly string[] {
  return path.split("/");
}

function countParameters(path: string): number {
  return path.split("{").length;
}
