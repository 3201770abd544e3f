import { withDeps } from "../../with-deps.ts";
import type { Lead } from "../../../src/rules/lead.ts";
import type { Deps } from "../../../src/ports/deps.ts";
import { formsApp } from "../../../src/intake/forms/form-endpoint.ts";
import { form, type Form } from "../../../src/rules/form.ts";
import { smallestLeadId } from "../../../src/lib/ids.ts";
import { leadFromRow, leadsByIds } from "../../../src/record/leads.ts";
import { query, rows, sql } from "../../../src/lib/query.ts";
import { fakeDeps, NOW } from "../api/fakes.ts";
import { openD1 } from "../../record/sqlite-d1.ts";

export const ROUTER = "https://router.test";
export const URLENCODED = "application/x-www-form-urlencoded";
/** What a browser sends of itself when it submits a form. */
export const NAVIGATION = {
  Accept: "text/html,application/xhtml+xml,*/*;q=0.8",
  "Sec-Fetch-Mode": "navigate",
  Origin: "https://site.test",
};

/** The form of most tests: `site.test` and what is below it may post it. */
export const CONTACT = form("contact", {
  allowedOrigins: ["site.test", "*.site.test"],
  thanks: "https://site.test/thanks",
});

type Fields = Readonly<Record<string, string>> | readonly (readonly [string, string])[];

/** The forms' door over an empty database. Ids are those of the clock, as in production. */
export function openForms(forms: readonly Form[] = [CONTACT], overrides: Partial<Deps> = {}) {
  const db = openD1();
  const clock = { now: NOW };
  let made = 0;
  const fake = fakeDeps(overrides.db ?? db, {
    forms,
    now: () => clock.now,
    // Ids within one millisecond, in order.
    newId: () => `${smallestLeadId(clock.now).slice(0, -6)}${String(++made).padStart(6, "0")}`,
    ...overrides,
  });
  const app = withDeps(formsApp(), () => fake.deps);

  const send = async (
    path: string,
    body: BodyInit | null,
    headers: Readonly<Record<string, string>> = {},
    method: "POST" | "OPTIONS" = "POST",
  ): Promise<Response> => {
    const init: RequestInit = { method, body, headers };
    return await app.request(new Request(`${ROUTER}${path}`, init));
  };
  const post = (path: string, fields: Fields, headers: Readonly<Record<string, string>> = {}) =>
    send(
      path,
      new URLSearchParams(
        Array.isArray(fields) ? fields.map((entry) => [...entry]) : { ...fields },
      ),
      {
        Origin: "https://site.test",
        ...headers,
      },
    );
  const postJson = (
    path: string,
    fields: unknown,
    headers: Readonly<Record<string, string>> = {},
  ) =>
    send(path, JSON.stringify(fields), {
      Origin: "https://site.test",
      "Content-Type": "application/json",
      ...headers,
    });
  const leads = async (): Promise<Lead[]> => {
    const ids = await rows(db, query<{ id: string }>(sql`SELECT id FROM leads ORDER BY id`));
    return (await rows(db, leadsByIds(ids.map(({ id }) => id)))).map(leadFromRow);
  };
  return { ...fake, db, clock, app, send, post, postJson, leads };
}

/** The lead of a door that took one. */
export async function onlyLead({ leads }: { leads: () => Promise<Lead[]> }): Promise<Lead> {
  const [lead, ...more] = await leads();
  if (lead === undefined || more.length > 0) throw new Error(`${more.length + 1} leads, not one`);
  return lead;
}
