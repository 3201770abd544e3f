import { describe, expect, it } from "vitest";
import type { JsonRecord } from "../../../src/lib/json.ts";
import { pickLead } from "../../../src/cli/rules/read-router.ts";
import { createRouterClient } from "../../../src/cli/rules/router-client.ts";
import { putAbsence } from "../../../src/roster/absences.ts";
import { assignManually } from "../../../src/routing/assign.ts";
import { closeLead } from "../../../src/routing/acts.ts";
import { chain, fallback, pod } from "lead-router";
import { calmDay, leadComes, MINUTE, MORNING } from "./calm-day.ts";
import { routerLines } from "./router-lines.ts";

describe("what an export takes from a router", () => {
  it("holds what routing looks at and no person", async () => {
    const world = await calmDay(chain(fallback(pod("desk"))), "desk/bo", "desk/cy");
    const leadId = await leadComes(world, {
      email: "jane@acme.test",
      phone: "+49 30 123456",
      name: "Jane Doe",
      companyDomain: "acme.test",
      score: 70,
    });
    const leave = { from: world.now, until: world.now + 60 * MINUTE, note: "a private matter" };
    await putAbsence(world.deps(), "ops", "cy", "leave", leave);
    await assignManually(world.deps(), "ops", leadId, {
      ownerId: "cy",
      reason: "she asked for him",
    });
    await closeLead(world.deps(), "ops", leadId, { reason: "won at once" });
    const lines = await routerLines(world, MORNING);

    const all = JSON.stringify(lines);
    for (const secret of ["jane", "Jane", "123456", "private", "asked for him", "at once"])
      expect(all).not.toContain(secret);
    const types = new Set(lines.map((line) => line["type"]));
    expect([...types].toSorted()).toEqual([
      "absence",
      "decision",
      "event",
      "lead",
      "member",
      "meta",
      "rep",
    ]);
    expect(lines.filter(({ type }) => type === "lead")).toMatchObject([
      { id: leadId, companyDomain: "acme.test", score: 70 },
    ]);
  });

  it("keeps of form fields and company what is asked for", () => {
    const line = { lead: { id: "1", company: "Acme", fields: { size: "9", message: "hello" } } };
    expect(pickLead(line, { fields: ["size"], company: false })).toMatchObject({
      fields: { size: "9" },
    });
    expect(pickLead(line, { fields: ["size"], company: false })).not.toHaveProperty("company");
    expect(pickLead(line, { fields: null, company: true })).toMatchObject({
      company: "Acme",
      fields: { size: "9", message: "hello" },
    });
  });
});

describe("a list read as a stream", () => {
  const address = { url: "https://router.test", token: "s3cret" };
  const read = async (fetch: (url: string) => Response) => {
    const lines: JsonRecord[] = [];
    const io = { fetch: async (url: string | URL | Request) => fetch(String(url)) };
    const client = createRouterClient(address, io);
    for await (const line of client.stream("/api/audit", { order: "asc" })) lines.push(line);
    return lines;
  };

  it("is carried on where the router cut it off", async () => {
    const asked: (string | null)[] = [];
    const lines = await read((url) => {
      const cursor = new URL(url).searchParams.get("cursor");
      asked.push(cursor);
      return cursor === null
        ? breakingOff('{"id":1}\n{"type":"cut_off","detail":"there is more","cursor":"two"}\n')
        : new Response('{"id":2}\n');
    });

    expect(asked).toEqual([null, "two"]);
    expect(lines).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it("is never taken for whole when the connection broke", async () => {
    await expect(read(() => breakingOff('{"id":1}\n'))).rejects.toThrow(
      "/api/audit broke off (connection lost): try a shorter period.",
    );
  });

  it("says what is wrong without the token", async () => {
    await expect(read(() => new Response("", { status: 401 }))).rejects.toThrow(
      "The token was refused (401).",
    );
    await expect(read(() => new Response("", { status: 404 }))).rejects.toThrow(
      "router.test has no /api/audit (404): is it a lead-router, and up to date?",
    );
    await expect(read(() => new Response("<html>\n"))).rejects.toThrow(
      "/api/audit answered a line that is not JSON.",
    );
  });
});

/** An answer that is lost after this text. */
function breakingOff(text: string): Response {
  let sent = false;
  return new Response(
    new ReadableStream({
      pull(controller) {
        if (sent) return controller.error(new Error("connection lost"));
        sent = true;
        controller.enqueue(new TextEncoder().encode(text));
      },
    }),
  );
}
