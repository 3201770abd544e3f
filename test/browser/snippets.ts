import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { Tabs } from "./chromium.ts";
import { listPages } from "./documented.ts";
import { leadsOf, type World } from "./world.ts";

/** What a visitor writes into a page of docs/forms.md, and what they and the reps then see. */
interface Visit {
  /** By label; the address is the test's own. */
  readonly fill: Readonly<Record<string, string>>;
  readonly emailLabel: string;
  /** What the page says after its script sent the form; null = the page has no script. */
  readonly says: string | null;
  /** Where the visitor lands when the browser sends the form; null = it cannot. */
  readonly landsOn: string | null;
  readonly lead: Readonly<Record<string, unknown>>;
}

const MARK = { _form: "contact" };

const VISITS: Readonly<Record<string, Visit>> = {
  "plain.html": {
    fill: { Name: "Jane Doe", Company: "Acme", Message: "Hello\nthere" },
    emailLabel: "Email",
    says: null,
    landsOn: "/thanks",
    lead: {
      name: "Jane Doe",
      company: "Acme",
      source: "website",
      fields: { message: "Hello\r\nthere", ...MARK },
    },
  },
  "formspree.html": {
    fill: { "Your message": "Hello" },
    emailLabel: "Your email",
    says: null,
    landsOn: "/thanks",
    lead: { fields: { message: "Hello", ...MARK } },
  },
  "formspree-core.html": {
    fill: { Message: "Hello" },
    emailLabel: "Email",
    says: "Thanks for joining!",
    landsOn: "/thanks",
    lead: { fields: { message: "Hello", ...MARK } },
  },
  "web3forms.html": {
    fill: { Name: "Jane Doe", Message: "Hello" },
    emailLabel: "Email",
    says: "Thanks, we got it.",
    landsOn: "/thanks",
    lead: { name: "Jane Doe", fields: { message: "Hello", ...MARK } },
  },
  "web3forms-formdata.html": {
    fill: { Name: "Jane Doe" },
    emailLabel: "Email",
    says: "Form Submitted Successfully",
    landsOn: "/thanks",
    lead: { name: "Jane Doe", fields: MARK },
  },
  "netlify.html": {
    fill: { "Your Name": "Jane Doe", Message: "Hello" },
    emailLabel: "Your Email",
    says: null,
    landsOn: "/thanks",
    lead: { name: "Jane Doe", fields: { message: "Hello", ...MARK } },
  },
  "hubspot.html": {
    fill: { "First name": "Jane", Company: "Acme" },
    emailLabel: "Email",
    says: "Thanks, we got it.",
    landsOn: null,
    lead: {
      name: "Jane",
      company: "Acme",
      fields: { firstname: "Jane", pageName: "A site", pageUri: expect.any(String), ...MARK },
    },
  },
  "hubspot-plain.html": {
    fill: { "First name": "Jane", "Last name": "Doe" },
    emailLabel: "Email",
    says: null,
    landsOn: "/thanks",
    lead: {
      name: "Jane Doe",
      fields: { firstname: "Jane", lastname: "Doe", pageName: "Contact us", ...MARK },
    },
  },
  "salesforce.html": {
    fill: { "First Name": "Jane", "Last Name": "Doe", Company: "Acme", "Budget:": "5000" },
    emailLabel: "Email",
    says: null,
    landsOn: "/done",
    lead: {
      name: "Jane Doe",
      company: "Acme",
      fields: {
        first_name: "Jane",
        last_name: "Doe",
        budget: "5000",
        submit: expect.any(String),
        ...MARK,
      },
    },
  },
};

function visitOf(name: string): Visit {
  const found = VISITS[name];
  if (found === undefined) throw new Error(`docs/forms.md has a page ${name} that nobody visits`);
  return found;
}

/** Fills a page of the document in and sends it. */
async function visit({ site }: World, page: Page, name: string, email: string): Promise<void> {
  const { fill, emailLabel } = visitOf(name);
  await page.goto(`${site.url}/${name}`);
  for (const [label, text] of Object.entries({ ...fill, [emailLabel]: email }))
    await page.getByLabel(label).fill(text);
  await page.getByRole("button").click();
}

/** Every page of the document is sent and becomes a lead: by its script, where it has one, and by the browser alone. */
export function describeSnippets(world: () => World, tabs: () => Tabs): void {
  it.each(listPages())("%s, with JavaScript", async (name) => {
    const { says, landsOn, lead } = visitOf(name);
    const email = `with-script.${name}@visitor.test`;
    const page = tabs().withScript;
    await visit(world(), page, name, email);
    if (says === null) await page.waitForURL(`${world().site.url}${landsOn}`);
    else await page.getByText(says).waitFor();
    expect(await leadsOf(world(), email)).toMatchObject([{ lead: { email, ...lead } }]);
  });

  it.each(listPages().filter((name) => VISITS[name]?.landsOn !== null))(
    "%s, without JavaScript",
    async (name) => {
      const { landsOn, lead } = visitOf(name);
      const email = `without-script.${name}@visitor.test`;
      const page = tabs().withoutScript;
      await visit(world(), page, name, email);
      await page.waitForURL(`${world().site.url}${landsOn}`);
      await page.getByRole("heading", { name: "The site says" }).waitFor();
      expect(await leadsOf(world(), email)).toMatchObject([{ lead: { email, ...lead } }]);
    },
  );
}
