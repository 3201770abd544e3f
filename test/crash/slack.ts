import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Journal } from "./journal.ts";

/** About what Slack takes: long enough for a kill to come between a post and the record of it. */
const ANSWER_AFTER_MS = 100;

/** Starts a Slack on loopback that outlives every kill and notes each lead it is told of. Resolves with its webhook's URL. */
export async function listenAsSlack(journal: Journal): Promise<string> {
  const server = createServer(async (request, response) => {
    try {
      for (const email of leadsIn(await text(request))) journal.recordAnnouncement(email);
      await sleep(ANSWER_AFTER_MS);
      response.end("ok");
    } catch {
      // The worker was killed while it posted.
      response.destroy();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port for Slack");
  return `http://127.0.0.1:${address.port}/webhook`;
}

/** The addresses of the leads a message tells of, each once: a message repeats them in its headline. */
function leadsIn(message: string): Set<string> {
  return new Set([...message.matchAll(/lead-\d+@[a-z.]+/g)].map(([email]) => email));
}
