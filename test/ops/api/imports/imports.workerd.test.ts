import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";

const ROWS = 5_000;

/** Sends a file in pieces of so many lines, made while it is read. */
async function send(path: string, type: string, head: string, line: (n: number) => string) {
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(head)),
    pull(controller) {
      const lines = Array.from({ length: 250 }, (_, at) => line(sent + at));
      controller.enqueue(new TextEncoder().encode(lines.join("")));
      sent += lines.length;
      if (sent === ROWS) controller.close();
    },
  });
  const response = await exports.default.fetch(`https://router.test/api${path}`, {
    method: "POST",
    headers: { Authorization: "Bearer write-token", "Content-Type": type },
    body,
  });
  return { status: response.status, json: await response.json() };
}

it.each(["good-rows", "all-or-nothing"])(
  "thousands of accounts are read as they come and fit D1: %s",
  async (mode) => {
    const path = `/accounts/import?mode=${mode}`;
    const csv = await send(
      path,
      "text/csv",
      "domain,accountId,name,ownerId\r\n",
      (n) => `${mode}-${n}.com,a${n},"Company, ""the"" ${n}",bo\r\n`,
    );
    expect(csv).toMatchObject({ status: 200, json: { imported: ROWS, refused: [] } });
    const ndjson = await send(path, "application/x-ndjson", "", (n) => {
      const name = `Company, "the" ${n}`;
      return `${JSON.stringify({ domain: `${mode}-${n}.com`, accountId: `a${n}`, name, ownerId: "bo" })}\n`;
    });
    expect(ndjson).toMatchObject({ status: 200, json: { imported: 0, unchanged: ROWS } });
  },
);

it("a file that is no CSV is refused without being quoted", async () => {
  const head = 'domain,accountId,name,ownerId\n"secret';
  const { status, json } = await send("/accounts/import", "text/csv", head, (n) => `secret ${n}`);
  expect([status, JSON.stringify(json)]).toEqual([400, expect.not.stringContaining("secret")]);
});
