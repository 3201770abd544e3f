import { describe, expect, it } from "vitest";
import { MAX_TEXT_BYTES, readBody } from "../../../src/intake/body/body.ts";

function post(body: BodyInit | null, contentType?: string): Request {
  const headers = contentType === undefined ? {} : { "Content-Type": contentType };
  return new Request("https://router.test/leads", { method: "POST", headers, body });
}

async function fieldsOf(request: Request): Promise<Record<string, unknown>> {
  const body = await readBody(request);
  if (!body.ok) throw new Error(`refused with ${body.status}`);
  return { ...body.fields };
}

async function statusOf(request: Request): Promise<number> {
  const body = await readBody(request);
  return body.ok ? 200 : body.status;
}

/** A body of unknown length, which a client would send chunked. */
function stream(chunks: readonly string[], onCancel: () => void): Request {
  const left = [...chunks];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = left.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(chunk));
    },
    cancel: onCancel,
  });
  const init = {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body,
    duplex: "half",
  };
  return new Request("https://router.test/leads", init);
}

const URLENCODED = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json; charset=utf-8";

describe("reading a body", () => {
  it("takes a JSON object as it is", async () => {
    expect(await fieldsOf(post('{"email":"a@b.test","n":[1,{"x":null}]}', JSON_TYPE))).toEqual({
      email: "a@b.test",
      n: [1, { x: null }],
    });
  });

  it("takes a urlencoded form; repeated names and name[] become lists under the plain name", async () => {
    const form = "email=a%40b.test&tag=x&tag=y&interest[]=z&note=%C3%BC+1&empty=";
    expect(await fieldsOf(post(form, URLENCODED))).toEqual({
      email: "a@b.test",
      tag: ["x", "y"],
      interest: ["z"],
      note: "ü 1",
      empty: "",
    });
  });

  it("takes a multipart form and keeps of a file what it was, not its bytes", async () => {
    const form = new FormData();
    form.append("email", "a@b.test");
    form.append("cv", new File(["hello"], "cv.txt", { type: "text/plain" }));
    expect(await fieldsOf(post(form))).toEqual({
      email: "a@b.test",
      cv: { name: "cv.txt", type: "text/plain", size: 5 },
    });
  });

  it.each(["[]", "1", "null", '"x"', "", "{", "{'a':1}"])(
    "answers 400 to the JSON body %j",
    async (body) => {
      expect(await statusOf(post(body, JSON_TYPE))).toBe(400);
    },
  );

  it("answers 400 to JSON nested beyond the parser and to broken multipart", async () => {
    expect(await statusOf(post(`${"[".repeat(90_000)}`, JSON_TYPE))).toBe(400);
    expect(await statusOf(post("--x\r\nrubbish", "multipart/form-data; boundary=x"))).toBe(400);
    expect(await statusOf(post("a=b", "multipart/form-data"))).toBe(400);
  });

  it.each([undefined, "text/plain", "application/xml", ""])(
    "answers 415 to the content type %j",
    async (type) => {
      expect(await statusOf(post(new Blob(["email=a@b.test"]), type))).toBe(415);
    },
  );

  it("takes exactly the limit and refuses one byte more with 413, in bytes and not in characters", async () => {
    const filled = (bytes: number): string => `a=${"x".repeat(bytes - 1)}`;
    expect(await statusOf(post(filled(MAX_TEXT_BYTES), URLENCODED))).toBe(200);
    expect(await statusOf(post(filled(MAX_TEXT_BYTES + 1), URLENCODED))).toBe(413);
    expect(await statusOf(post(`a=${"ü".repeat(MAX_TEXT_BYTES / 2)}`, URLENCODED))).toBe(413);
  });

  it("stops reading a stream without a length as soon as it is too large", async () => {
    let cancelled = false;
    const chunks = Array.from({ length: 1_000 }, () => "x".repeat(10_000));
    const request = stream(chunks, () => {
      cancelled = true;
    });
    expect(request.headers.has("Content-Length")).toBe(false);
    expect(await statusOf(request)).toBe(413);
    expect(cancelled).toBe(true);
  });

  it("takes an entry called __proto__ for an entry like any other", async () => {
    for (const request of [
      post('{"__proto__":{"admin":true}}', JSON_TYPE),
      post("__proto__=x&__proto__=y", URLENCODED),
    ]) {
      const body = await readBody(request);
      if (!body.ok) throw new Error("refused");
      expect(Object.keys(body.fields)).toEqual(["__proto__"]);
      expect(Object.getPrototypeOf(body.fields)).toBeNull();
      expect("admin" in body.fields).toBe(false);
    }
  });
});
