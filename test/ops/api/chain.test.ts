import { expect, it } from "vitest";
import { openWorld } from "../../roster/roster-world.ts";
import { apiClient } from "./api-client.ts";

it("GET /chain tells the rules in force as data and in words, with their version", async () => {
  const { deps } = openWorld();
  const { status, json } = await apiClient(deps)("GET", "/chain");
  expect({ status, json }).toEqual({
    status: 200,
    json: {
      version: deps.chain.version,
      rules: [
        {
          name: "DACH",
          kind: "territory",
          podId: "dach",
          definition: { conditions: { countryCode: ["DE", "AT"] } },
          words: "country is DE or AT → dach",
        },
        {
          name: "fallback",
          kind: "fallback",
          podId: "sdr",
          definition: { conditions: {} },
          words: "every lead that is left → sdr",
        },
      ],
      pods: [
        {
          id: "dach",
          settings: { dailyCap: 15, openCap: null },
          words: expect.stringMatching(/^at most 15 leads a day each, /),
        },
        {
          id: "sdr",
          settings: { dailyCap: null, openCap: null },
          words: expect.stringMatching(/^no caps but those of single members; /),
        },
      ],
    },
  });
});
