import { createClient, isSubmissionError } from "@formspree/core";
import { expect, it, vi } from "vitest";
import { leadsOf, type World } from "./world.ts";

type Data = Record<string, string> | FormData;

/**
 * Formspree's own client in plain Node, pointed at the router: it looks at bodies alone and never at the status, so that an
 * answer in the wrong words is taken for a success or is an error without a message.
 */
export function describeFormspreeClient(world: () => World): void {
  /** What the client makes of the answer: where to go next, or what it shows its user. */
  const submit = async (form: string, data: Data, project?: string): Promise<unknown> => {
    const client = createClient(project === undefined ? {} : { project });
    const result = await client.submitForm(form, data, { endpoint: world().router.url });
    return isSubmissionError(result)
      ? { form: result.getFormErrors(), fields: result.getAllFieldErrors() }
      : result;
  };
  const email = (name: string): string => `client.${name}@visitor.test`;

  it.each<[string, (email: string) => Data, string | undefined]>([
    ["json", (address) => ({ email: address, message: "Hi" }), undefined],
    [
      "form-data",
      (address) => {
        const data = new FormData();
        data.set("email", address);
        data.set("message", "Hi");
        data.set("cv", new File(["PDF"], "cv.pdf", { type: "application/pdf" }));
        return data;
      },
      undefined,
    ],
    ["project", (address) => ({ email: address, message: "Hi" }), "1917"],
  ])("reports a success, and the lead is stored: %s", async (name, data, project) => {
    expect(await submit("xwkgabcd", data(email(name)), project)).toMatchObject({
      kind: "success",
      next: `${world().site.url}/thanks`,
    });
    expect(await leadsOf(world(), email(name))).toMatchObject([
      { lead: { fields: { message: "Hi", _form: "contact" } } },
    ]);
  });

  it("reports a success without a page of the form's own: the router's", async () => {
    expect(await submit("limited", { email: email("own-page") })).toMatchObject({
      kind: "success",
      next: `${world().router.url}/thanks`,
    });
  });

  it("reports a success for what is quarantined", async () => {
    const spam = { email: email("spam"), _gotcha: "x" };
    expect(await submit("contact", spam)).toMatchObject({
      kind: "success",
      next: `${world().site.url}/thanks`,
    });
    expect(await leadsOf(world(), email("spam"))).toEqual([]);
  });

  it.each<[string, string, Data, string, RegExp]>([
    ["404", "nobody", { email: email("x") }, "FORM_NOT_FOUND", /no such form/],
    ["410", "closed", { email: email("x") }, "INACTIVE", /closed/],
    ["403", "strict", { email: email("x") }, "BLOCKED", /may not be sent/],
    ["400", "contact", { _subject: "nothing else" }, "EMPTY", /empty/],
    // A code that the client does not know; the words survive.
    ["413", "contact", { email: email("x"), m: "x".repeat(200_000) }, "UNSPECIFIED", /larger than/],
    ["503", "outage", { email: email("x") }, "UNSPECIFIED", /try again in a moment/],
  ])("reports a form's error in our words: %s", async (_, form, data, code, message) => {
    expect(await submit(form, data)).toEqual({
      form: [{ code, message: expect.stringMatching(message) }],
      fields: [],
    });
  });

  it("reports a field's error at the field, by the name it was sent under", async () => {
    expect(await submit("contact", { "Work Email": "jane", phone: "12" })).toEqual({
      form: [],
      fields: [
        ["Work Email", [{ code: "TYPE_EMAIL", message: "should be an email address" }]],
        ["phone", [{ code: "TYPE_TEXT", message: expect.stringContaining("phone number") }]],
      ],
    });
    expect(await submit("contact", { message: "Hi" })).toEqual({
      form: [],
      fields: [
        ["email", [{ code: "REQUIRED_FIELD_MISSING", message: expect.stringContaining("needs") }]],
      ],
    });
  });

  it("reports too many posts as an error", async () => {
    const report = await vi.waitUntil(
      async () => {
        const last = await submit("limited", { email: email("limit") });
        return JSON.stringify(last).includes('"next"') ? null : last;
      },
      { timeout: 10_000, interval: 1 },
    );
    expect(report).toEqual({
      form: [{ code: "UNSPECIFIED", message: expect.stringContaining("too often") }],
      fields: [],
    });
  });
}
