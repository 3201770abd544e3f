import { describe, expect, it } from "vitest";
import {
  classifyFailure,
  failureMessage,
  PoisonError,
  RouterError,
} from "../../src/lib/failure.ts";

describe("an error's class", () => {
  it.each([
    ["D1_ERROR: Network connection lost.", "retryable"],
    ["D1_ERROR: D1 DB is overloaded. Too many requests queued.", "overloaded"],
    ["D1_ERROR: CHECK constraint failed: json_valid(fields): SQLITE_CONSTRAINT", "permanent"],
    ["D1_ERROR: no such column: a.name: SQLITE_ERROR", "unknown"],
    ["internal error; reference = abc123", "unknown"],
    ["something nobody has seen before", "unknown"],
  ])("%s is %s", (message, kind) => {
    expect(classifyFailure(new Error(message))).toBe(kind);
    expect(classifyFailure(new Error("wrapped", { cause: new Error(message) }))).toBe(kind);
  });

  it("takes a Durable Object's own word", () => {
    expect(classifyFailure(Object.assign(new Error("x"), { retryable: true }))).toBe("retryable");
    expect(
      classifyFailure(Object.assign(new Error("x"), { retryable: true, overloaded: true })),
    ).toBe("overloaded");
  });

  it("knows poison", () => {
    expect(classifyFailure(new PoisonError("a rule threw TypeError"))).toBe("permanent");
  });
});

describe("what is said of an error", () => {
  it("is the platform's own phrase, without what stands around it", () => {
    const quoting = `D1_ERROR: CHECK constraint failed: json_valid(fields) near 'jane@acme.com': SQLITE_CONSTRAINT`;
    expect(failureMessage(new Error(quoting))).toBe("CHECK constraint failed: json_valid(fields)");
  });

  it("is the kind of the error alone where the message may quote a lead", () => {
    const quoting = (() => {
      try {
        return JSON.parse("jane@acme.com");
      } catch (error) {
        return error;
      }
    })();
    expect(failureMessage(quoting)).toBe("SyntaxError");
    expect(failureMessage(new Error("no idea about jane@acme.com"))).toBe("Error");
    expect(failureMessage({ message: "jane@acme.com" })).toBe("object");
  });

  it("is the whole message where the router wrote it", () => {
    expect(failureMessage(new RouterError("pod dach is behind version 3"))).toBe(
      "pod dach is behind version 3",
    );
  });
});
