import { expect, it } from "vitest";
import type { Tabs } from "./chromium.ts";
import { leadsOf, type World } from "./world.ts";

// What a stranger can write into a form of somebody else's site, and what must not come of it.

const HOSTILE = [
  '"><xq7 onfocus=alert(1) autofocus>',
  "'><script>alert('xq7')</script>",
  "</textarea><img src=x onerror=alert('xq7')>\n",
  "</form></main><xq7><style>*{display:none}</style>",
  "javascript:alert('xq7')",
  "<!--<xq7>",
];

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

export function describeStrangers(world: () => World, tabs: () => Tabs): void {
  it.each(HOSTILE)(
    "is text on the page that gives it back, as a name and as a value: %j",
    async (text) => {
      const { site, router } = world();
      const page = tabs().withScript;
      const dialogs: string[] = [];
      const onDialog = (dialog: { message(): string; dismiss(): Promise<void> }): void => {
        dialogs.push(dialog.message());
        void dialog.dismiss();
      };
      site.setPage(
        "/hostile",
        `<form method="post" action="${router.url}/f/contact?x=${encodeURIComponent(text)}">
        <input name="email"><input name="a"><textarea name="${escape(text)}"></textarea>
        <input type="hidden" name="_subject" value="${escape(text)}"><button>Send</button></form>`,
      );
      page.on("dialog", onDialog);
      try {
        await page.goto(`${site.url}/hostile`);
        await page.locator("[name=a]").fill(text.replaceAll("\n", ""));
        await page.locator("[name=email]").fill(text.replaceAll("\n", ""));
        await page.locator("textarea").fill(text);
        await page.getByRole("button").click();
        await page.getByRole("heading", { name: "Your message was not sent" }).waitFor();
        expect(await page.locator("xq7, script, img, style").count()).toBe(0);
        expect(await page.locator("form").count()).toBe(1);
        expect(await page.locator("#field-1").inputValue()).toBe(text.replaceAll("\n", ""));
        expect(await page.locator("#field-2").inputValue()).toBe(text);
        expect(await page.locator("#field-2").getAttribute("name")).toBe(text);
        expect(dialogs).toEqual([]);
      } finally {
        page.off("dialog", onDialog);
      }
    },
  );

  it.each([
    "https://evil.test/",
    "//evil.test/",
    "/\\evil.test/",
    "javascript:alert(1)",
    "data:text/html,<h1>evil</h1>",
    "https://localhost@evil.test/",
  ])("cannot send a visitor to %s", async (target) => {
    const { site, router } = world();
    const page = tabs().withoutScript;
    const email = `sent-away.${target.length}@visitor.test`;
    site.setPage(
      "/redirect",
      `<form method="post" action="${router.url}/f/contact">
        <input name="email" value="${email}"><input name="_next" value="${escape(target)}"><button>Send</button></form>`,
    );
    await page.goto(`${site.url}/redirect`);
    await page.getByRole("button").click();
    await page.waitForURL(`${site.url}/thanks`);
    expect(await leadsOf(world(), email)).toHaveLength(1);
  });

  it("who attach files have told of them, and the files are not kept", async () => {
    const { site, router } = world();
    const page = tabs().withoutScript;
    const email = "attached@visitor.test";
    site.setPage(
      "/files",
      `<form method="post" enctype="multipart/form-data" action="${router.url}/f/strict">
        <input name="email" value="${email}"><input type="file" name="cv"><input type="file" name="none">
        <button>Send</button></form>`,
    );
    await page.goto(`${site.url}/files`);
    const buffer = Buffer.alloc(3_000_000, "\r\n--x");
    const name = 'c"v ü.pdf';
    await page.locator("[name=cv]").setInputFiles({ name, mimeType: "application/pdf", buffer });
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("heading", { name: "Thank you" }).waitFor();
    expect(page.url()).toBe(`${router.url}/thanks`);
    expect(await leadsOf(world(), email)).toMatchObject([
      {
        lead: {
          fields: { cv: { name, type: "application/pdf", size: 3_000_000 }, _form: "strict" },
        },
      },
    ]);
  });
}
