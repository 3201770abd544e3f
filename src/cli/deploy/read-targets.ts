import { z } from "zod";

const deployed = z.object({ type: z.literal("deploy"), targets: z.array(z.string()) });

/**
 * The addresses of what was deployed, by the file that wrangler writes for programs (WRANGLER_OUTPUT_FILE_PATH, wrangler
 * 4.155): one line of JSON an event. Targets that are no address ("schedule: …", "Consumer for …") are left out.
 */
export function readTargets(written: string): readonly string[] {
  const targets = written
    .split("\n")
    .filter((line) => line.trim() !== "")
    .flatMap((line) => {
      const event = deployed.safeParse(JSON.parse(line));
      return event.success ? event.data.targets : [];
    });
  return targets.flatMap(toAddress);
}

/** Routes stand there as they are written, "leads.acme.com (custom domain)", and may be patterns. */
function toAddress(target: string): readonly string[] {
  const [place = "", note = ""] = target.split(" ", 2);
  if (/^https?:\/\//.test(place)) return [place.replace(/\/+$/, "")];
  return note === "(custom" && !place.includes("*") ? [`https://${place}`] : [];
}
