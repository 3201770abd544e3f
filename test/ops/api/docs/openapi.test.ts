import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import packageJson from "../../../../package.json" with { type: "json" };
import { apiClient } from "../api-client.ts";
import { apiDocument, describedApp, findMismatch, operations } from "../contract.ts";
import { openWorld } from "../../../roster/roster-world.ts";

/** Calls beside the API that the document has as well. */
const DOOR = ["GET /healthz", "POST /leads"];
const PUBLIC = ["GET /api/openapi.json", ...DOOR];

describe("the document", () => {
  it("is OpenAPI 3.1 by the official schema", async () => {
    expect(await new Validator().validate({ ...structuredClone(apiDocument) })).toEqual({
      valid: true,
    });
    expect(apiDocument).toMatchObject({
      openapi: "3.1.0",
      info: { title: "lead-router", version: packageJson.version },
    });
  });

  it("has every route that the API has, and no other", () => {
    const routes = describedApp.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} /api${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    const described = operations.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(described)).toEqual(new Set([...routes, ...DOOR]));
    expect(described).toHaveLength(new Set(described).size);
  });

  it("is answered to everybody, also to who sends a wrong token", async () => {
    const call = apiClient(openWorld().deps, null);
    const { status, headers, json } = await call("GET", "/openapi.json", undefined, {
      Authorization: "Bearer wrong",
    });
    expect([status, headers.get("Content-Type")]).toEqual([200, "application/json"]);
    expect(json).toEqual(apiDocument);
    expect((await call("POST", "/openapi.json")).status).toBe(401);
  });

  it("says of every call but the public ones that it takes a token", () => {
    const open = operations.filter(({ operation }) => operation.security?.length === 0);
    expect(open.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(
      PUBLIC.toSorted(),
    );
    for (const { operation } of operations.filter((call) => !open.includes(call)))
      expect(operation.security).toContainEqual({ token: [] });
  });

  it("names each operation once", () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(names).toHaveLength(new Set(names).size);
    for (const name of names) expect(name).toMatch(/^(get|post|put|delete)[A-Z]\w+$/);
  });

  it("holds no pattern that only JavaScript's flags make right", () => {
    const patterns = [...JSON.stringify(apiDocument).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)];
    expect(patterns.length).toBeGreaterThan(0);
    for (const [, pattern = '""'] of patterns) expect(JSON.parse(pattern)).toMatch(/^\^.*\$$/);
  });
});

describe.each(operations)("$method $path", ({ method, path, operation }) => {
  const pointer = ["paths", path, method.toLowerCase()];
  const chapters = apiDocument.tags.map(({ name }) => name);

  it("has a summary and stands in one chapter", () => {
    expect(operation.summary).toMatch(/^[A-Z].{3,}/);
    expect(operation.tags).toHaveLength(1);
    expect(chapters).toContain(operation.tags?.[0]);
  });

  it("describes the parameters of its path", () => {
    const parameters = operation.parameters?.filter((parameter) => parameter.in === "path") ?? [];
    expect(parameters.map(({ name }) => name)).toEqual(
      [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
    );
  });

  it("shows what it answers on success, as its schema has it", () => {
    const successes = Object.entries(operation.responses).filter(([status]) => status < "400");
    expect(successes.length).toBeGreaterThan(0);
    for (const [status, { content = {} }] of successes)
      for (const [type, { example }] of Object.entries(content)) {
        expect([status, type, example]).not.toContain(undefined);
        expect(
          findMismatch([...pointer, "responses", status, "content", type, "schema"], example),
        ).toBeNull();
      }
  });

  it("shows what it takes, as its schema has it", () => {
    for (const [type, { example }] of Object.entries(operation.requestBody?.content ?? {})) {
      expect([type, example]).not.toContain(undefined);
      expect(
        findMismatch([...pointer, "requestBody", "content", type, "schema"], example),
      ).toBeNull();
    }
  });
});
