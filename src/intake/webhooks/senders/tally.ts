import { z } from "zod";
import { type Adapter, decodeBase64, type Entry, listOf, namesOf, doubtOfHmac } from "../sender.ts";

const HEADER = "tally-signature";
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const option = z.object({ id: z.string(), text: z.string() });
const field = z.object({
  key: z.string().catch(""),
  label: z.string().nullish().catch(null),
  type: z.string().catch(""),
  value: z.unknown(),
  options: listOf(option),
});

const event = z.object({ eventType: z.string() });
const submission = z.object({
  eventId: z.string().optional().catch(undefined),
  data: z.object({
    submissionId: z.string().optional().catch(undefined),
    responseId: z.string().optional().catch(undefined),
    formId: z.string().optional().catch(undefined),
    formName: z.string().optional().catch(undefined),
    fields: z.array(field),
  }),
});

/** Tally. Questions are told apart by their words. */
export const tally: Adapter = {
  headers: [HEADER],

  async findDoubt({ body, headers }, { secrets }) {
    const signature = headers[HEADER];
    if (!signature) return "missing";
    const decoded = decodeBase64(signature);
    const doubt = await doubtOfHmac(secrets, decoded, body);
    if (doubt === null || decoded === null) return doubt;
    // Its docs sign `JSON.stringify` of the parsed body, which need not be the bytes that come.
    const rewritten = rewrite(body);
    return rewritten === null ? doubt : await doubtOfHmac(secrets, decoded, rewritten);
  },

  read(payload) {
    const { data: sent } = event.safeParse(payload);
    if (sent === undefined) return "unreadable";
    if (sent.eventType !== "FORM_RESPONSE") return { ignored: "not a response" };
    const { data } = submission.safeParse(payload);
    if (data === undefined) return "unreadable";
    const { submissionId, responseId, formId, formName, fields } = data.data;
    const id = submissionId ?? responseId ?? data.eventId;
    if (id === undefined) return "unreadable";
    const entries: Entry[] = [
      ...fields.map(entryOf),
      { names: ["form_id"], value: formId },
      { names: ["form_name"], value: formName },
    ];
    return [{ id, entries }];
  },
};

function rewrite(body: Uint8Array): string | null {
  try {
    return JSON.stringify(JSON.parse(UTF8.decode(body)));
  } catch {
    // No JSON, or nested too deep to be written again: then that is not what was signed.
    return null;
  }
}

function entryOf({ key, label, type, value, options }: z.infer<typeof field>): Entry {
  const texts = new Map(options.map((one) => [one.id, one.text]));
  const read = (one: unknown): unknown => (typeof one === "string" ? (texts.get(one) ?? one) : one);
  const kind = type === "INPUT_EMAIL" ? "email" : type === "INPUT_PHONE_NUMBER" ? "phone" : null;
  return {
    names: namesOf(label ?? "", key),
    value: Array.isArray(value) ? value.map(read) : read(value),
    ...(kind !== null && { kind }),
  };
}
