import type { Process } from "./network.ts";
import type { World } from "./world.ts";

/** A Slack that remembers who was told of what, and is sometimes slow, sometimes away, sometimes full. */
export class SimulatedSlack {
  readonly #world: World;
  /** Messages that named this lead (by its number in the run), accepted. */
  readonly told = new Map<number, number>();

  constructor(world: World) {
    this.#world = world;
  }

  take(process: Process, url: string, init: RequestInit): Promise<Response> {
    const { network, random } = this.#world;
    const body = String(init.body);
    return network.call(process, "slack", `posts to ${new URL(url).pathname.slice(1)}`, () => {
      if (!network.calm && random.chance(0.05)) {
        return new Response("rate_limited", { status: 429, headers: { "retry-after": "30" } });
      }
      for (const number of leadNumbers(body)) {
        this.told.set(number, (this.told.get(number) ?? 0) + 1);
        this.#world.checks.watchPost(number, process);
      }
      return new Response("ok");
    });
  }
}

/** The leads a message names: every simulated lead's email carries its number. */
function leadNumbers(body: string): number[] {
  const { blocks } = JSON.parse(body) as { blocks: { text?: { text: string } }[] };
  const text = blocks.map((block) => block.text?.text ?? "").join("\n");
  return [...text.matchAll(/lead(\d+)@/g)].map((match) => Number(match[1]));
}
