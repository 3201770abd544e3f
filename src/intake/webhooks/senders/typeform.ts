import { z } from "zod";
import { type Adapter, decodeBase64, type Entry, listOf, namesOf, doubtOfHmac } from "../sender.ts";

const HEADER = "typeform-signature";
const PREFIX = "sha256=";

/** The reference that Typeform makes up where nobody chose one: a UUID, or a ULID. It means nothing. */
const MADE_UP_REF = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-HJKMNP-TV-Z]{26})$/i;

const field = z.object({ id: z.string(), ref: z.string().catch(""), title: z.string().catch("") });
const answer = z.looseObject({ type: z.string(), field: field.partial() });
const choice = z.object({ label: z.string().optional(), other: z.string().optional() });
const choices = z.object({ labels: z.array(z.string()).catch([]), other: z.string().optional() });

const event = z.object({ event_type: z.string() });
const response = z.object({
  form_response: z.object({
    token: z.string().min(1),
    form_id: z.string().nullish().catch(null),
    hidden: z.record(z.string(), z.unknown()).catch({}),
    answers: listOf(answer),
    definition: z.object({ fields: listOf(field) }).catch({ fields: [] }),
    calculated: z.object({ score: z.number().nullish() }).catch({}),
  }),
});

/** Typeform. Questions are told apart by the reference that was given them, else by their words. */
export const typeform: Adapter = {
  headers: [HEADER],

  async findDoubt({ body, headers }, { secrets }) {
    const signature = headers[HEADER];
    if (!signature) return "missing";
    if (!signature.startsWith(PREFIX)) return "malformed";
    return await doubtOfHmac(secrets, decodeBase64(signature.slice(PREFIX.length)), body);
  },

  read(payload) {
    const { data: sent } = event.safeParse(payload);
    if (sent === undefined) return "unreadable";
    // `form_response_partial`: the visitor has not sent it, and may yet.
    if (sent.event_type !== "form_response") return { ignored: "not a finished response" };
    const { data } = response.safeParse(payload);
    if (data === undefined) return "unreadable";
    const { token, form_id, hidden, answers, definition, calculated } = data.form_response;
    const asked = new Map(definition.fields.map((one) => [one.id, one]));
    const entries: Entry[] = [
      ...answers.map((one) => entryOf(one, asked.get(one.field.id ?? "")?.title ?? "")),
      ...Object.entries(hidden).map(([name, value]): Entry => ({ names: [name], value })),
      { names: ["form_id"], value: form_id },
      // Not called `score`: Typeform sends 0 for forms that count nothing.
      { names: ["calculated_score"], value: calculated.score },
    ];
    return [{ id: token, entries }];
  },
};

function entryOf(
  { type, field: { id = "", ref = "" }, ...rest }: z.infer<typeof answer>,
  title: string,
): Entry {
  const chosen = MADE_UP_REF.test(ref) ? "" : ref;
  const value = readAnswer(type, rest[type]);
  const kind = type === "email" ? type : type === "phone_number" ? "phone" : null;
  return { names: namesOf(chosen, title, ref, id), value, ...(kind !== null && { kind }) };
}

function readAnswer(type: string, value: unknown): unknown {
  if (type === "choice") {
    const one = choice.safeParse(value);
    if (one.success) return one.data.label ?? one.data.other;
  }
  if (type === "choices") {
    const several = choices.safeParse(value);
    if (several.success) return [...several.data.labels, several.data.other ?? []].flat();
  }
  return value;
}
