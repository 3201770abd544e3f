import { describe, expect, it } from "vitest";
import { csvWriter, ndjsonWriter } from "../../../../src/ops/api/audit/export-format.ts";
import { streamExport, writeParts, type Export } from "../../../../src/ops/api/audit/export.ts";
import { Desk } from "../../../routing/desk.ts";

interface Item {
  readonly n: number;
}

/** A list of so many items, two a part, that remembers how often it was read. */
function listOf(count: number, failsAt = Number.POSITIVE_INFINITY) {
  const reads: number[] = [];
  const list: Export<Item, number> = {
    name: "things",
    writer: ndjsonWriter(),
    after: null,
    async read(after) {
      const start = after ?? 0;
      reads.push(start);
      if (start >= failsAt) throw new Error("D1_ERROR: Network connection lost.");
      const end = Math.min(start + 2, count);
      const items = Array.from({ length: end - start }, (_, n) => ({ n: start + n }));
      return { items, next: end < count ? end : null };
    },
    cursorOf: (key) => `after-${key}`,
  };
  return { list, reads };
}

async function textOf(parts: AsyncIterable<string>): Promise<{ text: string; error: unknown }> {
  let text = "";
  try {
    for await (const part of parts) text += part;
    return { text, error: null };
  } catch (error) {
    return { text, error };
  }
}

describe("an export", () => {
  it("reads nothing before the client does, and one part at a time", async () => {
    const { list, reads } = listOf(6);
    const reader = streamExport(new Desk().deps, list).body?.getReader();
    await new Promise((resolve) => setImmediate(resolve));
    expect(reads).toEqual([]);
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toBe('{"n":0}\n{"n":1}\n');
    await new Promise((resolve) => setImmediate(resolve));
    expect(reads).toEqual([0]);
    await reader?.read();
    expect(reads).toEqual([0, 2]);
    await reader?.cancel();
    await new Promise((resolve) => setImmediate(resolve));
    expect(reads).toEqual([0, 2]);
  });

  it("of an empty list is an empty file, in CSV its header", async () => {
    const { list } = listOf(0);
    expect(await streamExport(new Desk().deps, list).text()).toBe("");
    const csv: Export<Readonly<Record<string, unknown>>, number> = {
      name: "things",
      writer: csvWriter(["n", "m"]),
      after: null,
      read: async () => ({ items: [], next: null }),
      cursorOf: String,
    };
    expect(await streamExport(new Desk().deps, csv).text()).toBe("n,m\r\n");
  });

  it("too long for one request says so, names the cursor that carries on, and fails", async () => {
    const { list, reads } = listOf(100);
    const { text, error } = await textOf(writeParts(list, 3));
    expect(reads).toEqual([0, 2, 4]);
    const lines = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.slice(0, -1)).toEqual([0, 1, 2, 3, 4, 5].map((n) => ({ n })));
    expect(lines.at(-1)).toEqual({
      type: "cut_off",
      detail: expect.stringContaining("from and to"),
      cursor: "after-6",
    });
    expect(String(error)).toContain("longer than one request can read");
  });

  it("too long is cut off in CSV by a row of its own", async () => {
    const { list } = listOf(100);
    const writer = csvWriter(["n"]);
    const cut: Export<Item, number> = { ...list, writer: { ...writer, write: () => "0\r\n" } };
    const { text } = await textOf(writeParts(cut, 1));
    expect(text).toMatch(/^n\r\n0\r\n"?cut off: .* cursor=after-2"?\r\n$/);
  });

  it("that ends exactly with the last read allowed is whole", async () => {
    const { list } = listOf(6);
    expect((await textOf(writeParts(list, 3))).error).toBeNull();
  });

  it("that cannot be read on breaks off, after all that was read, and is logged", async () => {
    const desk = new Desk();
    const { list } = listOf(6, 4);
    const reader = streamExport(desk.deps, list).body?.getReader();
    await reader?.read();
    await reader?.read();
    await expect(reader?.read()).rejects.toThrow("Network connection lost");
    expect(desk.logged).toEqual(["export_failed"]);
  });
});
