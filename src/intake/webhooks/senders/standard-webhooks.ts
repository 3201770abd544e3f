import { z } from "zod";
import { readSigningKey } from "../../../lib/digest.ts";
import { type Adapter, decodeBase64, entriesOf, isOfNow, doubtOfHmac } from "../sender.ts";

const SECONDS = /^\d{1,12}$/;
/** How `Headers` joins a header that was sent twice. No header of this scheme has it otherwise. */
const SENT_TWICE = ", ";

const envelope = z.object({ data: z.record(z.string(), z.unknown()) });
const anyObject = z.record(z.string(), z.unknown());

/** Senders that sign as standardwebhooks.com says: Svix, Clerk, Resend, your own scripts. The fields are in `data`, or bare. */
export const standardWebhooks: Adapter = {
  headers: ["webhook-id", "webhook-timestamp", "webhook-signature"],

  async findDoubt({ body, headers }, { secrets, now }) {
    const [id, timestamp, signatures] = this.headers.map((name) => headers[name] ?? "");
    if (!id || !timestamp || !signatures) return "missing";
    if ([id, signatures].some((value) => value.includes(SENT_TWICE)) || !SECONDS.test(timestamp))
      return "malformed";
    if (!isOfNow(Number(timestamp) * 1000, now)) return "not_of_now";
    const keys = secrets.map(readSigningKey).filter((key) => key !== null);
    if (keys.length === 0) return "unusable_secret";
    // Several, while the sender changes its secret; those of other schemes than v1 begin otherwise.
    const offered = signatures
      .split(" ")
      .flatMap((one) => (one.startsWith("v1,") ? one.slice(3) : []));
    for (const signature of offered.map(decodeBase64)) {
      const doubt = await doubtOfHmac(keys, signature, `${id}.${timestamp}.`, body);
      if (doubt === null) return null;
    }
    return "mismatch";
  },

  read(payload, { headers }) {
    const id = headers["webhook-id"];
    const sent = anyObject.safeParse(payload);
    if (!sent.success || id === undefined) return "unreadable";
    const { data } = envelope.safeParse(payload);
    return [{ id, entries: entriesOf(data?.data ?? sent.data) }];
  },
};
