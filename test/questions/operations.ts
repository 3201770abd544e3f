import { apiApp } from "../../src/ops/api/app.ts";
import { describeApi } from "../../src/ops/api/docs/openapi.ts";

/** The part of an OpenAPI operation that is read. */
export interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
}

interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Every call of the API, in the order of the document, without the public endpoints. */
export function operations() {
  const app = apiApp();
  const { paths }: ApiDocument = JSON.parse(JSON.stringify(describeApi(app)));
  return Object.entries(paths)
    .filter(([path]) => path.startsWith("/api/"))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        operation,
      })),
    );
}
