import { expect, it } from "vitest";
import { readRetryAfter } from "../../src/lib/http.ts";

const NOW = Date.parse("2026-11-22T10:00:00Z");

it.each([
  ["30", 30_000],
  [" 0 ", 0],
  ["Sun, 22 Nov 2026 10:00:30 GMT", 30_000],
  ["Sunday, 22-Nov-26 10:00:30 GMT", 30_000],
  ["Sun, 22 Nov 2026 09:00:00 GMT", 0],
  ["-5", null],
  ["1.5", null],
  ["soon", null],
  ["", null],
  [null, null],
  [undefined, null],
])("Retry-After: %s asks to wait %s ms", (value, milliseconds) => {
  expect(readRetryAfter(value, NOW)).toBe(milliseconds);
});
