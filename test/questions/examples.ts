import type { Call } from "./questions.ts";
import type { Shown } from "./render-json.ts";
import type { Caller, World } from "./world.ts";

/** A call that docs/api.md shows besides the ten questions. */
export interface Example {
  readonly call: (world: World) => Call | Promise<Call>;
  readonly as?: Caller;
  /** Sent with the token, and shown with the call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Response headers that are shown. */
  readonly shownHeaders?: readonly string[];
  readonly shown?: Shown;
}

const CLOSED = "hannah@havelwerk.example";
const CHIDI = "/pods/sdr/members/chidi";

async function nextPage({ call }: World, path: string): Promise<Call> {
  const { json } = await call("GET", path);
  return { method: "GET", path: `${path}&cursor=${json.nextCursor}` };
}

/** The examples of docs/api.md by their names in its template. They are called in the order of the template. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  consistency: {
    call: () => ({ method: "GET", path: "/health/consistency" }),
    shown: { pods: [0] },
  },
  wrongToken: {
    call: () => ({ method: "GET", path: "/pods/dach" }),
    headers: { authorization: "Bearer what-bo-remembers" },
    shownHeaders: ["www-authenticate"],
  },
  onlyReads: {
    call: () => ({ method: "DELETE", path: "/reps/bo" }),
    as: "rolf",
  },
  unknownParameter: {
    call: () => ({ method: "GET", path: "/leads?onwer=bo&limit=1000" }),
  },
  wrongBody: {
    call: () => ({
      method: "PUT",
      path: "/reps/kim",
      body: { name: "Kim Lee", timeZone: "Berlin", workingHours: { mon: [["09:00", "9:30"]] } },
    }),
  },
  firstPage: {
    call: () => ({ method: "GET", path: "/leads?owner=jay&limit=1" }),
    shown: { "items.*.lead": ["id", "receivedAt", "email", "countryCode", "source", "score"] },
  },
  secondPage: {
    call: (world) => nextPage(world, "/leads?owner=jay&limit=1"),
    shown: { "items.*.lead": ["id", "receivedAt", "email", "countryCode", "source", "score"] },
  },
  csv: {
    call: () => ({ method: "GET", path: "/audit?kind=closed,disputed&format=csv" }),
    shownHeaders: ["content-type", "content-disposition"],
  },
  etag: {
    call: () => ({ method: "GET", path: CHIDI }),
    shownHeaders: ["etag"],
  },
  lostRace: {
    call: () => ({ method: "PUT", path: CHIDI, body: { dailyCap: 6 } }),
    headers: { "if-match": '"c0ffee00c0ffee00c0ffee00c0ffee00"' },
  },
  closeOnce: {
    call: ({ idOf }) => ({
      method: "POST",
      path: `/leads/${idOf(CLOSED)}/close`,
      body: { reason: "won" },
    }),
    headers: { "idempotency-key": "crm-4711-close" },
  },
  closeOtherwise: {
    call: ({ idOf }) => ({
      method: "POST",
      path: `/leads/${idOf(CLOSED)}/close`,
      body: { reason: "lost" },
    }),
    headers: { "idempotency-key": "crm-4711-close" },
  },
  import: {
    call: () => ({
      method: "POST",
      path: "/accounts/import",
      body: [
        "Website,Account ID,Account Name,Owner ID",
        "https://www.elbtal.example,0015g00000Xk3Aa,Elbtal Maschinenbau,dana",
        "gmail.com,0015g00000Xk3Ab,Somebody,bo",
        "",
      ].join("\n"),
    }),
    headers: { "content-type": "text/csv" },
  },
  berlin: {
    call: () => ({
      method: "GET",
      path: "/metrics/assignments?zone=Europe/Berlin&by=day,pod&from=2026-11-23T00:00:00%2B01:00",
    }),
  },
};
