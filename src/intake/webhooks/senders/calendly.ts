import { z } from "zod";
import {
  type Adapter,
  decodeHex,
  entriesOf,
  type Entry,
  isOfNow,
  listOf,
  doubtOfHmac,
} from "../sender.ts";

const HEADER = "calendly-webhook-signature";
const SIGNATURE = /^t=(?<seconds>\d{1,12}),v1=(?<hex>[0-9a-f]{64})$/i;

const text = z.string().nullish().catch(null);
const event = z.object({ event: z.string() });
const body = z.object({
  payload: z.object({
    uri: z.string().min(1),
    name: text,
    first_name: text,
    last_name: text,
    email: text,
    text_reminder_number: text,
    timezone: text,
    tracking: z.record(z.string(), z.unknown()).catch({}),
    questions_and_answers: listOf(z.object({ question: z.string().min(1), answer: z.unknown() })),
    scheduled_event: z.object({ name: text, start_time: text }).catch({}),
  }),
});

/** What makes a lead: a meeting was booked, or a routing form was sent, which need not say who sent it. */
const EVENTS = new Set(["invitee.created", "routing_form_submission.created"]);

/** Calendly. */
export const calendly: Adapter = {
  headers: [HEADER],

  async findDoubt({ body: sent, headers }, { secrets, now }) {
    const header = headers[HEADER];
    if (!header) return "missing";
    const { seconds, hex } = SIGNATURE.exec(header)?.groups ?? {};
    if (seconds === undefined || hex === undefined) return "malformed";
    if (!isOfNow(Number(seconds) * 1000, now)) return "not_of_now";
    return await doubtOfHmac(secrets, decodeHex(hex), `${seconds}.`, sent);
  },

  read(payload) {
    const { data: sent } = event.safeParse(payload);
    if (sent === undefined) return "unreadable";
    if (!EVENTS.has(sent.event)) return { ignored: "another event" };
    const { data } = body.safeParse(payload);
    if (data === undefined) return "unreadable";
    const { uri, questions_and_answers, scheduled_event, tracking, ...invitee } = data.payload;
    const { text_reminder_number, ...person } = invitee;
    const entries: Entry[] = [
      ...entriesOf(person),
      ...questions_and_answers.map(({ question, answer }): Entry => ({
        names: [question],
        value: answer,
      })),
      { names: ["text_reminder_number"], value: text_reminder_number, kind: "phone" },
      ...entriesOf(tracking),
      { names: ["event_name"], value: scheduled_event.name },
      { names: ["event_start"], value: scheduled_event.start_time },
    ];
    return [{ id: uri, entries }];
  },
};
