import { z } from "zod";
import { sha256Hex } from "../../../lib/digest.ts";
import {
  type Adapter,
  decodeBase64,
  entriesOf,
  type Entry,
  isOfNow,
  doubtOfHmac,
} from "../sender.ts";

const SIGNATURE = "x-hubspot-signature-v3";
const TIMESTAMP = "x-hubspot-request-timestamp";
const MILLISECONDS = /^\d{1,16}$/;

/** Events in one delivery of an app's webhook, at most (developers.hubspot.com, "Webhooks API"). */
const MOST_EVENTS = 100;

const numberOrText = z.union([z.string().min(1), z.number().transform(String)]);
const id = numberOrText.optional().catch(undefined);

const contact = z.object({ vid: id, objectId: id, hs_object_id: id, workflowId: id });
const wrapped = z.object({ properties: z.record(z.string(), z.unknown()) });
const anyObject = z.record(z.string(), z.unknown());
const event = z.object({ eventId: numberOrText, subscriptionType: z.string(), objectId: id });
const valued = z.object({ value: z.unknown() });

/**
 * HubSpot: a workflow's webhook, which sends the contact, or an app's, which sends ids alone: no lead can be made of those. A
 * contact comes once per workflow, however often it enters it.
 */
export const hubspot: Adapter = {
  headers: [SIGNATURE, TIMESTAMP],

  async findDoubt({ body, headers }, { secrets, now, url }) {
    const [signature, timestamp] = [headers[SIGNATURE], headers[TIMESTAMP]];
    if (!signature || !timestamp) return "missing";
    if (!MILLISECONDS.test(timestamp)) return "malformed";
    if (!isOfNow(Number(timestamp), now)) return "not_of_now";
    return await doubtOfHmac(secrets, decodeBase64(signature), `POST${url ?? ""}`, body, timestamp);
  },

  read(payload, { body }) {
    if (Array.isArray(payload)) return readEvents(payload);
    const sent = anyObject.safeParse(payload);
    const { data: ids } = contact.safeParse(payload);
    if (!sent.success || ids === undefined) return "unreadable";
    const { data } = wrapped.safeParse(payload);
    const entries =
      data === undefined ? entriesOf(sent.data) : entriesOf(data.properties).map(unwrap);
    const inside = entries.find(({ names: [name] }) => name === "hs_object_id")?.value;
    const who = ids.vid ?? ids.objectId ?? ids.hs_object_id ?? numberOrText.safeParse(inside).data;
    // A body that somebody made up need not name the contact: its next try is the same to the letter.
    const contactId = who ?? `body ${sha256Hex(body)}`;
    return [{ id: `${contactId}:${ids.workflowId ?? ""}`, entries }];
  },
};

function readEvents(payload: readonly unknown[]) {
  const events = z.array(event).min(1).max(MOST_EVENTS).safeParse(payload);
  if (!events.success) return "unreadable";
  return events.data.map(({ eventId, ...rest }) => ({ id: eventId, entries: entriesOf(rest) }));
}

/** `{ "email": { "value": "…", "versions": […] } }` or `{ "email": "…" }` */
function unwrap({ names, value }: Entry): Entry {
  const { data } = valued.safeParse(value);
  return { names, value: data === undefined ? value : data.value };
}
