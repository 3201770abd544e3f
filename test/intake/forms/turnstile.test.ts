import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Deps } from "../../../src/ports/deps.ts";
import {
  checkTurnstile,
  SITEVERIFY,
  TRY_LIMIT_MS,
  type TurnstileCheck,
  type TurnstileOutcome,
} from "../../../src/intake/forms/turnstile.ts";
import { fakeDeps, type FakeDeps } from "../api/fakes.ts";
import { openD1 } from "../../record/sqlite-d1.ts";

// A stand-in for Turnstile on real HTTP. It keeps Turnstile's own rule: a token counts once, but for the same question again.

const SECRET = "0x-the-secret";
const CHECK: TurnstileCheck = { secretName: "TURNSTILE", token: "token-1", remoteIp: "192.0.2.7" };
const PASSED = { success: true, "error-codes": [], hostname: "www.example.com" };

type Asked = Readonly<Record<string, unknown>>;
/** What the stand-in does with the n-th question: answers, with a status, or whatever it likes. */
type Behaviour = (asked: Asked, n: number, response: ServerResponse) => unknown;

let server: ReturnType<typeof createServer>;
let base: string;
let asked: Asked[];
let behave: Behaviour;

/** Says yes to each token once, and again to the same question. */
function verifier(): Behaviour {
  const usedBy = new Map<unknown, unknown>();
  return ({ secret, response, idempotency_key: key }) => {
    if (secret !== SECRET) return { success: false, "error-codes": ["invalid-input-secret"] };
    const user = usedBy.get(response) ?? key;
    usedBy.set(response, user);
    return user === key ? PASSED : { success: false, "error-codes": ["timeout-or-duplicate"] };
  };
}

async function readJson(request: IncomingMessage): Promise<Asked> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return JSON.parse(body);
}

beforeEach(async () => {
  asked = [];
  behave = verifier();
  server = createServer(async (request, response) => {
    const question = await readJson(request);
    asked.push(question);
    const answer = behave(question, asked.length, response);
    if (answer !== undefined) response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  base = `http://127.0.0.1:${port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function open(overrides: Partial<Deps> = {}): FakeDeps {
  return fakeDeps(openD1(), {
    secret: (name) => (name === "TURNSTILE" ? SECRET : null),
    fetch: (url, init) => {
      expect(url).toBe(SITEVERIFY);
      return fetch(base, init);
    },
    newId: () => "01a20297-4dc7-7c3e-9b1d-4f6a2c8e0d11",
    ...overrides,
  });
}

function check(changes: Partial<TurnstileCheck> = {}): Promise<TurnstileOutcome> {
  return checkTurnstile(open().deps, { ...CHECK, ...changes });
}

describe("a captcha", () => {
  it("that a person answered passes, asked once, with our secret and an id of the question", async () => {
    expect(await check()).toEqual({ outcome: "passed" });
    expect(asked).toEqual([
      {
        secret: SECRET,
        response: "token-1",
        remoteip: "192.0.2.7",
        idempotency_key: "01a20297-4dc7-7c3e-9b1d-4f6a2c8e0d11",
      },
    ]);
  });

  it("is asked about without the visitor's address where none is known", async () => {
    expect(await check({ remoteIp: null })).toEqual({ outcome: "passed" });
    expect(asked[0]).not.toHaveProperty("remoteip");
  });

  it("whose token was used before fails, with Turnstile's own words", async () => {
    await check();
    const { deps } = open({ newId: () => "01a20297-4dc7-7c3e-9b1d-4f6a2c8e0d12" });
    expect(await checkTurnstile(deps, CHECK)).toEqual({
      outcome: "failed",
      codes: ["timeout-or-duplicate"],
    });
  });

  it.each([null, ""])("without an answer (%j) is missing, and nobody is asked", async (token) => {
    expect(await check({ token })).toEqual({ outcome: "missing" });
    expect(asked).toEqual([]);
  });

  it("longer than any token is no answer, and nobody is asked", async () => {
    expect(await check({ token: "x".repeat(2_049) })).toEqual({
      outcome: "failed",
      codes: ["invalid-input-response"],
    });
    expect(asked).toEqual([]);
    expect(await check({ token: "x".repeat(2_048) })).toEqual({ outcome: "passed" });
  });

  it.each([
    ["the page", { expectedHostnames: ["example.com", "WWW.Example.com"] }, []],
    ["another page", { expectedHostnames: ["example.com"] }, ["hostname-mismatch"]],
    ["no page at all", { expectedHostnames: [] }, ["hostname-mismatch"]],
  ])("of %s", async (_, expected, codes) => {
    expect(await check(expected)).toEqual(
      codes.length === 0 ? { outcome: "passed" } : { outcome: "failed", codes },
    );
  });

  it("whose page is not told does not pass where pages are listed", async () => {
    behave = () => ({ success: true });
    expect(await check()).toEqual({ outcome: "passed" });
    expect(await check({ expectedHostnames: ["example.com"] })).toEqual({
      outcome: "failed",
      codes: ["hostname-mismatch"],
    });
  });
});

describe("a try whose answer was lost", () => {
  it("is made again as the same question, so that it does not use up the token", async () => {
    const answer = verifier();
    behave = (question, n, response) => {
      const verdict = answer(question, n, response);
      return n === 1 ? void response.destroy() : verdict;
    };
    expect(await check()).toEqual({ outcome: "passed" });
    expect(asked).toHaveLength(2);
    expect(asked[1]).toEqual(asked[0]);
  });

  it("is made again when it takes too long", async () => {
    const limits: number[] = [];
    // The first limit runs out once the question has arrived, the second never.
    const arrived = Promise.withResolvers<void>();
    const answer = verifier();
    behave = (question, n, response) => {
      const verdict = answer(question, n, response);
      arrived.resolve();
      return n === 1 ? undefined : verdict;
    };
    const sleep: Deps["sleep"] = (limit) =>
      limits.push(limit) === 1 ? arrived.promise : new Promise(() => {});
    const { deps, logged } = open({ sleep });
    expect(await checkTurnstile(deps, CHECK)).toEqual({ outcome: "passed" });
    expect(limits).toEqual([TRY_LIMIT_MS, TRY_LIMIT_MS]);
    expect(logged.map(({ event }) => event)).toEqual(["turnstile_late"]);
  });
});

describe("Turnstile is unreachable", () => {
  it.each<[string, Behaviour]>([
    ["breaks the connection", (_q, _n, response) => void response.destroy()],
    ["fails inside", () => ({ success: false, "error-codes": ["internal-error"] })],
    [
      "answers a page",
      (_q, _n, response) => void response.writeHead(502).end("<h1>Bad Gateway</h1>"),
    ],
    ["answers another JSON", () => ({ ok: true })],
    ["answers nothing", (_q, _n, response) => void response.end()],
  ])("when it %s, twice, and the log quotes nobody", async (_, behaviour) => {
    behave = behaviour;
    const { deps, logged } = open();
    expect(await checkTurnstile(deps, CHECK)).toEqual({ outcome: "unreachable" });
    expect(asked).toHaveLength(2);
    for (const secret of [SECRET, "token-1", "192.0.2.7", "Bad Gateway"])
      expect(JSON.stringify(logged)).not.toContain(secret);
  });

  it("when it never answers: the visitor waits for two seconds at most", async () => {
    behave = () => undefined;
    const limits: number[] = [];
    const sleep: Deps["sleep"] = async (limit) => void limits.push(limit);
    expect(await checkTurnstile(open({ sleep }).deps, CHECK)).toEqual({ outcome: "unreachable" });
    expect(limits.reduce((sum, limit) => sum + limit)).toBe(2_000);
  });

  it("while our own secret is not set, and the log says which", async () => {
    const { deps, logged } = open({ secret: () => null });
    expect(await checkTurnstile(deps, CHECK)).toEqual({ outcome: "unreachable" });
    expect(asked).toEqual([]);
    expect(logged).toEqual([
      { level: "error", event: "turnstile_secret_missing", detail: { secret: "TURNSTILE" } },
    ]);
  });

  it("while our own secret is wrong: no fault of the visitor's, and the log says so", async () => {
    const { deps, logged } = open({ secret: () => "another" });
    expect(await checkTurnstile(deps, CHECK)).toEqual({ outcome: "unreachable" });
    expect(asked).toHaveLength(1);
    expect(logged).toMatchObject([
      { level: "error", event: "turnstile_refuses_us", detail: { codes: "invalid-input-secret" } },
    ]);
  });
});
