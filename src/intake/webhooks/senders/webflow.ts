import { z } from "zod";
import {
  type Adapter,
  decodeHex,
  entriesOf,
  type Entry,
  isOfNow,
  type Reading,
  doubtOfDigest,
  doubtOfHmac,
} from "../sender.ts";

const SIGNATURE = "x-webflow-signature";
const TIMESTAMP = "x-webflow-timestamp";
const MILLISECONDS = /^\d{1,16}$/;

const trigger = z.object({ triggerType: z.string() });
const form = z.object({
  id: z.string().min(1),
  name: z.string().optional().catch(undefined),
  siteId: z.string().optional().catch(undefined),
  data: z.record(z.string(), z.unknown()),
});

function read(payload: unknown): Reading {
  const { data: sent } = trigger.safeParse(payload);
  if (sent !== undefined && sent.triggerType !== "form_submission")
    return { ignored: "not a form" };
  const { data } = z.object({ payload: form }).safeParse(payload);
  if (data === undefined) return "unreadable";
  const { id, name, siteId, data: answers } = data.payload;
  const entries: Entry[] = [
    ...entriesOf(answers),
    { names: ["form_name"], value: name },
    { names: ["site_id"], value: siteId },
  ];
  return [{ id, entries }];
}

/** Webflow, hooks made through its API: signed. Fields have the labels they have on the page. */
export const webflowSigned: Adapter = {
  headers: [SIGNATURE, TIMESTAMP],

  async findDoubt({ body, headers }, { secrets, now }) {
    const [signature, timestamp] = [headers[SIGNATURE], headers[TIMESTAMP]];
    if (!signature || !timestamp) return "missing";
    if (!MILLISECONDS.test(timestamp)) return "malformed";
    if (!isOfNow(Number(timestamp), now)) return "not_of_now";
    return await doubtOfHmac(secrets, decodeHex(signature), `${timestamp}:`, body);
  },

  read,
};

/** Webflow, hooks made in its dashboard: nothing is signed, the URL holds the secret. */
export const webflowByPath: Adapter = {
  headers: [],

  async findDoubt({ pathSecret }, { secrets }) {
    return pathSecret === null ? "missing" : doubtOfDigest(secrets, pathSecret);
  },

  read,
};
