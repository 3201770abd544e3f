import { expect, it } from "vitest";
import type { Page } from "playwright-core";
import type { Tabs } from "./chromium.ts";
import { leadsOf, quarantinedOf, waitForDecision, type World } from "./world.ts";

const NOT_SENT = { name: "Your message was not sent" };

/** What becomes of visitors when not all goes well, or when they are none. */
export function describeVisitors(world: () => World, tabs: () => Tabs): void {
  const openPlain = async (page: Page, email: string, host = world().site.url): Promise<void> => {
    await page.goto(`${host}/plain.html`);
    await page.getByLabel("Email").fill(email);
  };
  const send = (page: Page) => page.getByRole("button", { name: "Send" }).click();

  it.each(["withScript", "withoutScript"] as const)(
    "whose form is refused correct it on the page that says so, and lose nothing: %s",
    async (tab) => {
      const page = tabs()[tab];
      const message = `\n"It's" <b>bold</b> & more\n${tab}`;
      // What a browser lets through, and what no mail gets to.
      await openPlain(page, "jane@acme");
      await page.getByLabel("Name").fill("Jane <Doe>");
      await page.getByLabel("Message").fill(message);
      await send(page);
      await page.getByRole("heading", NOT_SENT).waitFor();
      expect(await page.getByRole("alert").textContent()).toContain(
        "email should be an email address",
      );
      const field = page.getByLabel("email");
      expect(await field.getAttribute("aria-invalid")).toBe("true");
      expect(await field.inputValue()).toBe("jane@acme");
      expect(await page.getByLabel("name").inputValue()).toBe("Jane <Doe>");
      expect(await page.getByLabel("message").inputValue()).toBe(message);
      expect(await page.locator("b").count()).toBe(0);

      const email = `corrected.${tab}@visitor.test`;
      await field.fill(email);
      await page.getByRole("button", { name: "Send again" }).click();
      await page.waitForURL(`${world().site.url}/thanks`);
      expect(await leadsOf(world(), email)).toMatchObject([
        {
          lead: {
            name: "Jane <Doe>",
            fields: { message: message.replaceAll("\n", "\r\n"), _form: "contact" },
          },
        },
      ]);
    },
  );

  it("keep what they wrote while nothing can be stored", async () => {
    const { site, router } = world();
    const page = tabs().withoutScript;
    site.setPage(
      "/outage",
      `<form method="post" action="${router.url}/f/outage">
        <input name="email"><textarea name="message"></textarea><button>Send</button></form>`,
    );
    await page.goto(`${site.url}/outage`);
    await page.locator("[name=email]").fill("outage@visitor.test");
    await page.locator("[name=message]").fill("line 1\nline 2");
    await send(page);
    for (const _ of ["the first time", "and again"]) {
      await page.getByRole("heading", NOT_SENT).waitFor();
      expect(await page.getByRole("alert").textContent()).toContain("try again in a moment");
      expect(await page.getByLabel("email").inputValue()).toBe("outage@visitor.test");
      expect(await page.getByLabel("message").inputValue()).toBe("line 1\nline 2");
      const again = page.waitForResponse((response) => response.status() === 503);
      await page.getByRole("button", { name: "Send again" }).click();
      await again;
    }
  });

  it("who fill a trap see what everybody sees; what they sent waits, and becomes one lead when it is released", async () => {
    const { router, site } = world();
    const page = tabs().withScript;
    const email = "trapped@visitor.test";
    await openPlain(page, email);
    await page.locator("[name=_gotcha]").evaluate((trap) => trap.setAttribute("value", "x"));
    await send(page);
    await page.waitForURL(`${site.url}/thanks`);

    expect(await leadsOf(world(), email)).toEqual([]);
    const [kept, ...more] = await quarantinedOf(world(), email);
    expect(more).toEqual([]);
    expect(kept).toMatchObject({ door: "form:contact", reason: "honeypot:_gotcha" });
    const { id } = kept.lead;
    const body = { reason: "their password manager filled the trap" };
    const released = await Promise.all(
      [1, 2, 3].map(() => router.callApi("POST", `/quarantine/${id}/release`, body)),
    );
    expect(released.map(({ leadId }) => leadId)).toEqual([id, id, id]);
    const { decisions, events } = await waitForDecision(world(), id);
    expect(decisions).toHaveLength(1);
    expect(events.filter(({ kind }: any) => kind === "released")).toHaveLength(1);
    expect(await leadsOf(world(), email)).toHaveLength(1);
    expect(await quarantinedOf(world(), email)).toEqual([]);
  });

  it("who are a program that sends at once are quarantined, by what Formspree's client tells", async () => {
    const email = "program@visitor.test";
    const page = tabs().inHaste;
    await page.goto(`${world().site.url}/formspree-core.html`);
    await page.getByLabel("Email").fill(email);
    await page.getByRole("button").click();
    await page.getByText("Thanks for joining!").waitFor();
    expect(await leadsOf(world(), email)).toEqual([]);
    expect(await quarantinedOf(world(), email)).toMatchObject([
      { reason: "signals:webdriver,fast" },
    ]);
  });

  it("of a page that may not post the form are told so, and nothing is stored", async () => {
    // The same server by another name is another origin.
    const foreign = world().site.url.replace("localhost", "127.0.0.1");
    const email = "foreign@visitor.test";
    const { withScript, withoutScript } = tabs();
    await openPlain(withoutScript, email, foreign);
    await send(withoutScript);
    await withoutScript.getByText("may not be sent from this page").waitFor();
    expect(await withoutScript.locator("form").count()).toBe(0);

    // A script reads why it was refused; where the URL names the form, the browser of one that has to ask first sends nothing.
    for (const [name, told] of [
      ["web3forms-formdata.html", "may not be sent from this page"],
      ["web3forms.html", "may not be sent from this page"],
      ["formspree-core.html", "Failed to fetch"],
    ] as const) {
      await withScript.goto(`${foreign}/${name}`);
      for (const field of await withScript.locator("input:visible, textarea").all())
        await field.fill(email);
      await withScript.getByRole("button").click();
      await withScript.getByText(told).waitFor();
    }
    expect(await leadsOf(world(), email)).toEqual([]);
    expect(await quarantinedOf(world(), email)).toEqual([]);
  });

  it("who click twice are one lead", async () => {
    const { site } = world();
    const page = tabs().withoutScript;
    const email = "twice@visitor.test";
    await openPlain(page, email);
    await page.getByRole("button", { name: "Send" }).dblclick();
    // Not waitForURL: the second click breaks the first one's navigation off, and that would reject.
    await expect.poll(() => page.url(), { timeout: 10_000 }).toBe(`${site.url}/thanks`);
    await page.waitForLoadState();
    await page.goBack();
    await send(page);
    await page.waitForURL(`${site.url}/thanks`);
    expect(await leadsOf(world(), email)).toHaveLength(1);
  });
}
