import { request } from "node:http";
import { expect, it } from "vitest";
import type { World } from "./world.ts";

/** What a program can tell answers apart by. */
interface Answer {
  readonly status: number | undefined;
  /** Names and values in order, but for the instant. */
  readonly headers: readonly string[];
  /** Without the id's digits. */
  readonly body: string;
}

const BROWSER = {
  Accept: "text/html,application/xhtml+xml,*/*;q=0.8",
  "Sec-Fetch-Mode": "navigate",
};
const JSON_TYPE = { "Content-Type": "application/json" };
const URLENCODED = { "Content-Type": "application/x-www-form-urlencoded" };
const GUID = "0f0e0d0c-1111-4222-8333-444455556666";
const HUBSPOT = `/submissions/v3/integration/submit/1234567/${GUID}`;

type Fields = Readonly<Record<string, string>>;
const urlencode = (fields: Fields): string => String(new URLSearchParams(fields));

/** Bots and people, over the wire: nothing but the id differs in what they are answered. */
export function describeHoneypotAnswers(world: () => World): void {
  /** Sends without the help of fetch, which hides what was on the wire. */
  const send = (path: string, headers: Fields, body: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { router, site } = world();
      const sent = request(
        `${router.url}${path}`,
        { method: "POST", agent: false, headers: { Origin: site.url, ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const text = Buffer.concat(chunks).toString();
            resolve({
              status: response.statusCode,
              headers: response.rawHeaders.filter((_, at, all) => all[at - 1] !== "Date"),
              body: text.replaceAll(/"id":"[0-9a-f-]{36}"/g, '"id"'),
            });
          });
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });

  it.each<[string, string, Fields, (fields: Fields) => string]>([
    ["a script, JSON", "/f/contact", JSON_TYPE, JSON.stringify],
    ["a script, urlencoded", "/f/contact", URLENCODED, urlencode],
    ["a browser", "/f/contact", { ...URLENCODED, ...BROWSER }, urlencode],
    [
      "a browser, with its own page",
      "/f/contact",
      { ...URLENCODED, ...BROWSER },
      (fields) => urlencode({ ...fields, _next: "/mine" }),
    ],
    ["Web3Forms", "/submit/contact", JSON_TYPE, JSON.stringify],
    [
      "HubSpot",
      HUBSPOT,
      JSON_TYPE,
      (fields) =>
        JSON.stringify({
          fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
        }),
    ],
    [
      "what is refused",
      "/f/contact",
      JSON_TYPE,
      (fields) => JSON.stringify({ ...fields, email: "x" }),
    ],
  ])("%s", async (door, path, headers, encode) => {
    const answerTo = (name: string, trap: Fields) =>
      send(path, headers, encode({ email: `${name}.${door.length}@trap.test`, ...trap }));
    const clean = await answerTo("person", {});
    expect(clean.status).toBe(
      door === "what is refused" ? 422 : door.startsWith("a browser") ? 303 : 200,
    );
    expect(await answerTo("emptied", { _gotcha: "", botcheck: "" })).toEqual(clean);
    expect(await answerTo("bot", { _gotcha: "spam" })).toEqual(clean);
    expect(await answerTo("bot2", { botcheck: "on", _honeypot: "x" })).toEqual(clean);
  });
}
