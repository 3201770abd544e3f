import { exports } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { drawPost } from "../api/hostile-bodies.ts";
import { drawText, MARK } from "../api/hostile-text.ts";
import { select } from "../../pipeline/open-router.ts";
import { Random } from "../../simulation/random.ts";
import { listMarkup } from "./markup.ts";

const POSTS = 1_000;
/** A worker has no environment to read another from. */
const SEED = 20_261_122;
const ROUTER = "https://router.test";
const SITE = "https://site.test";

const DOORS = [
  "/leads",
  "/f/contact",
  "/f/demo",
  "/p/1917/f/contact",
  "/submit",
  "/submit/contact",
  "/",
  "/submissions/v3/integration/submit/1/contact",
  "/uploads/form/v2/1/contact",
  "/servlet/servlet.WebToLead",
  "/in/typeform/nobody",
];

/** What our pages are made of: whatever else is on one was not put there by us. */
const MARKUP = new Set(
  [
    "html[lang] head meta[charset] meta[name,content] title body main h1 ul[role] li p br label[for]",
  ]
    .concat("form[method,action] input[type,name,value] button[type] span[id]")
    .concat(
      "input[id,name,type,size,value] input[id,name,type,size,value,aria-invalid,aria-describedby]",
    )
    .concat("textarea[id,name,rows,cols] textarea[id,name,rows,cols,aria-invalid,aria-describedby]")
    .flatMap((line) => line.split(" ")),
);

/** What a header may hold of a text. */
const headerSafe = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, "?").trim();

function drawHeaders(random: Random): Record<string, string> {
  const kind = random.pick<Record<string, string>>([
    { Accept: "text/html,*/*;q=0.8", "Sec-Fetch-Mode": "navigate" },
    { Accept: "text/html,*/*;q=0.8" },
    { Accept: "*/*", "Sec-Fetch-Mode": "cors" },
    { Accept: "application/json" },
    {},
  ]);
  const site = random.pick<Record<string, string>>([
    { Origin: SITE },
    { Origin: SITE },
    { Origin: "null" },
    {},
  ]);
  const hostile = [
    "Referer",
    "User-Agent",
    "X-Requested-With",
    "Idempotency-Key",
    "Formspree-Session-Data",
  ]
    .filter(() => random.chance(0.1))
    .map((name) => [name, headerSafe(drawText(random))]);
  return { ...kind, ...site, ...Object.fromEntries(hostile) };
}

/** Everything the worker logs, from now on. */
function listenToLog(): string[] {
  const lines: string[] = [];
  for (const level of ["debug", "log", "info", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation(
      (...said: unknown[]) => void lines.push(said.map(String).join(" ")),
    );
  return lines;
}
afterEach(() => {
  vi.restoreAllMocks();
});

async function expectPage(answer: Response): Promise<void> {
  expect(answer.headers.get("Content-Security-Policy")).toMatch(
    /^default-src 'none'; base-uri 'none'; form-action (?:'none'|'self' https:\/\/(?:site|router)\.test)$/,
  );
  for (const element of await listMarkup(answer))
    if (!MARKUP.has(element)) throw new Error(`the page has ${element}`);
}

function expectJson(answer: Response, body: Record<string, unknown>): void {
  if (answer.status === 200) {
    expect(body).toMatchObject({
      ok: true,
      success: true,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(new URL(String(body["next"])).origin).toMatch(/^https:\/\/(?:site|router)\.test$/);
    expect(body).not.toHaveProperty("error");
    expect(body).not.toHaveProperty("errors");
    return;
  }
  const words = expect.stringMatching(/\S/);
  const errors = expect.arrayContaining([expect.objectContaining({ code: words, message: words })]);
  expect(body).toMatchObject({ ok: false, success: false, error: words, message: words, errors });
  expect(body).not.toHaveProperty("next");
}

it(`answers ${POSTS} posts at every door, whatever they are, and keeps what it took`, async () => {
  const log = listenToLog();
  const random = new Random(SEED);
  const statuses = new Set<number>();
  const taken = new Set<string>();
  let pages = 0;
  for (let nth = 0; nth < POSTS; nth++) {
    const door = random.pick(DOORS);
    const query = random.chance(0.2)
      ? `?oid=contact&x=${encodeURIComponent(drawText(random).toWellFormed())}`
      : "";
    const { contentType, body } = drawPost(random);
    const headers = {
      ...drawHeaders(random),
      ...(contentType !== "" && { "Content-Type": contentType }),
    };
    const what = `post ${nth}: ${door}${query} ${JSON.stringify(headers)}`;
    const answer = await exports.default.fetch(`${ROUTER}${door}${query}`, {
      method: "POST",
      headers,
      body,
      redirect: "manual",
    });
    expect(answer.status, what).toBeLessThan(500);
    statuses.add(answer.status);
    expect(JSON.stringify([...answer.headers]), what).not.toContain(MARK);
    const type = answer.headers.get("Content-Type") ?? "";
    if (answer.status === 303) {
      expect(new URL(answer.headers.get("Location") ?? "").origin, what).toMatch(
        /^https:\/\/(?:site|router)\.test$/,
      );
    } else if (type.startsWith("text/html")) {
      await expectPage(answer);
      pages++;
    } else {
      expect(type, what).toBe("application/json");
      const json: Record<string, unknown> = await answer.json();
      if (door.startsWith("/in/")) continue;
      expectJson(answer, json);
      if (answer.status === 200) taken.add(String(json["id"]));
    }
  }
  expect([...statuses].toSorted()).toEqual([200, 303, 400, 404, 413, 415, 422]);
  expect(log.join("\n")).not.toContain(MARK);
  expect(log.join("\n")).not.toContain("acme");

  const kept = await select(
    "SELECT value FROM json_each(?) WHERE value IN (SELECT id FROM leads UNION ALL SELECT id FROM quarantine)",
    JSON.stringify([...taken]),
  );
  expect(taken.size).toBeGreaterThan(POSTS / 20);
  expect(pages).toBeGreaterThan(POSTS / 20);
  expect(kept).toHaveLength(taken.size);
}, 120_000);
