import type { Rep } from "../../../roster/index.ts";
import type { RowFormat } from "./import-rows.ts";
import { id } from "../input.ts";
import { repBody } from "../roster/rep-body.ts";

/** Reps in files, under our own names for the columns and those of users' exports from CRMs. */
export const REP_ROWS: RowFormat<Rep> = {
  spellings: {
    id: ["id", "repid", "userid", "ownerid", "hubspotownerid", "username"],
    name: ["name", "fullname", "repname", "displayname", "ownername"],
    email: ["email", "emailaddress", "workemail", "mail"],
    slackUserId: ["slackuserid", "slackid", "slackmemberid", "memberid"],
    timeZone: ["timezone", "timezonesidkey", "timezonename", "tz"],
    workingHours: ["workinghours", "hours"],
    dailyCap: ["dailycap", "dailylimit", "leadsperday", "maxleadsperday"],
  },
  required: ["id", "name", "timeZone"],
  convert: (column, value) => {
    if (column === "id" && typeof value === "number") return String(value);
    if (column === "dailyCap" && typeof value === "string" && /^\d{1,15}$/.test(value))
      return Number(value);
    return column === "workingHours" && typeof value === "string" ? parseHours(value) : value;
  },
  schema: repBody.extend({ id }).transform((rep) => ({ ...rep, active: true })),
  key: "id",
};

/** A CSV's cell holds JSON; what is none the schema refuses as it is. */
function parseHours(cell: string): unknown {
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
}
