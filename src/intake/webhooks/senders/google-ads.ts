import { z } from "zod";
import { sha256Hex } from "../../../lib/digest.ts";
import { parseBody } from "../../body/body.ts";
import { type Adapter, entriesOf, type Entry, namesOf, doubtOfDigest } from "../sender.ts";

// 64-bit integers come as numbers; those that a double does not hold were read as strings (`parseJson`).
const id = z
  .union([z.string().min(1), z.number().transform(String)])
  .optional()
  .catch(undefined);

const KEY_IN_BODY = /("google_key"\s*:\s*)"(?:[^"\\]|\\.)*"/g;

const key = z.object({ google_key: z.string().min(1) });
const lead = z.object({
  lead_id: z.string().min(1),
  user_column_data: z.array(
    z.object({
      column_id: z.string().catch(""),
      column_name: z.string().catch(""),
      string_value: z.unknown(),
    }),
  ),
  is_test: z.boolean().catch(false),
  form_id: id,
  campaign_id: id,
  adgroup_id: id,
  creative_id: id,
  asset_group_id: id,
  gcl_id: id,
  lead_stage: id,
  lead_submit_time: id,
});

/** Google Ads lead forms. Nothing is signed: the key that was typed into the ad's form comes in the body. */
export const googleAds: Adapter = {
  headers: [],

  async findDoubt({ body }, { secrets }) {
    const { data } = key.safeParse(parseBody(body)?.payload);
    return data === undefined ? "missing" : doubtOfDigest(secrets, sha256Hex(data.google_key));
  },

  read(payload) {
    const { data } = lead.safeParse(payload);
    if (data === undefined) return "unreadable";
    const { lead_id, user_column_data, is_test, ...campaign } = data;
    const entries: Entry[] = [
      ...user_column_data.map(({ column_id, column_name, string_value }): Entry => ({
        names: namesOf(column_id, column_name),
        value: string_value,
      })),
      ...entriesOf(campaign),
    ];
    return [{ id: lead_id, entries, isTest: is_test }];
  },

  conceal: (body) => body.replaceAll(KEY_IN_BODY, '$1"…"'),
};
