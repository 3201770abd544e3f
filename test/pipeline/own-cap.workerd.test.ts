import { chain, fallback, matchedAccount, pod, territory } from "lead-router";
import { expect, it } from "vitest";
import { callApi } from "./client.ts";
import { addMembers, openRouter, routeLeads, select, storeLead } from "./open-router.ts";

it("60 leads at once, by two pods and an account, take a rep at 7 of 20 to 20 and not one further", async () => {
  const router = openRouter({
    chain: chain(
      matchedAccount({ whenOwnerAway: "next" }),
      territory("north", { countryCode: "NO" }, pod("north")),
      territory("south", { countryCode: "IT" }, pod("south")),
      fallback(pod("rest")),
    ),
  });
  await addMembers(router, "north", { busy: { ownDailyCap: 20 } });
  await addMembers(router, "south", { busy: { ownDailyCap: 20 } });
  await addMembers(router, "rest", { spare: {} });
  const account = { accountId: "a-1", name: "Busy's own", ownerId: "busy" };
  expect((await callApi("PUT", "/accounts/busy.test", account)).status).toBe(201);
  const ownedByBusy = async () =>
    await select("SELECT * FROM decisions WHERE owner_id = 'busy' AND outcome = 'assigned'");

  const earlier = await Promise.all(
    Array.from({ length: 7 }, () => storeLead(router, { countryCode: "NO", companyDomain: null })),
  );
  await routeLeads(router, earlier);
  expect(await ownedByBusy()).toHaveLength(7);

  const ways = [
    { countryCode: "NO", companyDomain: null },
    { countryCode: "IT", companyDomain: null },
    { countryCode: "FR", companyDomain: "busy.test" },
  ];
  const leads = await Promise.all(
    Array.from({ length: 60 }, (_, n) => storeLead(router, ways[n % ways.length])),
  );
  const batches = Array.from({ length: 6 }, (_, n) => leads.slice(n * 10, n * 10 + 10));
  const outcomes = await Promise.all(batches.map((batch) => routeLeads(router, batch)));
  expect(new Set(outcomes.flat())).toEqual(new Set(["acked"]));

  const owned = await ownedByBusy();
  expect(owned).toHaveLength(20);
  // All of one local day, or the cap would have been no cap.
  expect(new Set(owned.map(({ day }) => day)).size).toBe(1);
  // Nobody was lost over it: the other 47 went on down the chain.
  const spare = await select("SELECT * FROM decisions WHERE owner_id = 'spare'");
  expect(spare).toHaveLength(47);
  // And what the pods count is what the decisions say.
  for (const podId of ["north", "south"]) {
    const { members } = await router.deps.pod(podId).snapshot();
    const decided = owned.filter(({ pod_id }) => pod_id === podId).length;
    expect({ podId, count: members[0]?.count }).toEqual({ podId, count: decided });
  }
});
