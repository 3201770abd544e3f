import { vi } from "vitest";
import { listPages, moveTo, readBlock } from "./documented.ts";
import { startRouter, type RunningRouter } from "./router.ts";
import { startSite, type Site } from "./site.ts";

/** A router, and a website whose pages are those of docs/forms.md. */
export interface World {
  readonly router: RunningRouter;
  readonly site: Site;
}

/** Milliseconds: the local queue hands over after a second, and the machine may be busy. */
const PATIENCE = { timeout: 15_000, interval: 100 };

/** Starts both. What has to be closed in the end goes on `closing`, also when the start fails. */
export async function openWorld(closing: AsyncDisposableStack): Promise<World> {
  const site = await startSite(closing);
  const router = await startRouter(site.url, closing);
  const places = { router: router.url, site: site.url };
  for (const page of listPages())
    site.setPage(`/${page}`, moveTo(places, readBlock(`html ${page}`)));
  site.setPage("/thanks", "<h1>The site says thank you</h1>");
  site.setPage("/done", "<h1>The site says done</h1>");
  return { router, site };
}

/** The leads of this address. */
export async function leadsOf({ router }: World, email: string): Promise<any[]> {
  return (await router.callApi("GET", `/leads?email=${encodeURIComponent(email)}`)).items;
}

/** What waits in quarantine of this address. */
export async function quarantinedOf({ router }: World, email: string): Promise<any[]> {
  const { items } = await router.callApi("GET", "/quarantine?limit=200");
  return items.filter((item: any) => item.lead.email === email);
}

/** A lead's story, once it is decided. */
export async function waitForDecision({ router }: World, id: string): Promise<any> {
  return await vi.waitFor(async () => {
    const story = await router.callApi("GET", `/leads/${id}`);
    if (story.decisions.length === 0) throw new Error(`the lead ${id} is not decided`);
    return story;
  }, PATIENCE);
}
