import { expect, it } from "vitest";
import { namesEmail } from "../../../src/ops/privacy/person.ts";

it.each([
  '{"email":"bo@x.com"}',
  "Bo@X.com",
  "email=bo%40x.com&name=Bo",
  '{"text":"write to\\nbo@x.com."}',
  '{"email":"bo\\u0040x.com"}',
  "<bo&#64;x.com>",
  "q=%22bo%40x.com%22",
  "mailto:bo@x.com, bo2@x.com",
])("%s names bo@x.com", (text) => {
  expect(namesEmail(text, "bo@x.com")).toBe(true);
});

it.each([
  "bob@x.com",
  "jim.bo@x.com",
  "bo@x.com.au",
  "bo@x.community",
  "me+bo@x.com",
  "bo at x.com",
  "",
])("%s does not name bo@x.com", (text) => {
  expect(namesEmail(text, "bo@x.com")).toBe(false);
});
