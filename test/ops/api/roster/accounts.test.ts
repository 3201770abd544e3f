import { describe, expect, it } from "vitest";
import { openWorld } from "../../../roster/roster-world.ts";
import { apiClient, refusedFields } from "../api-client.ts";

const ACME = { accountId: "001", name: "Acme Inc.", ownerId: "bo" };

describe("PUT /accounts/:domain", () => {
  it("stores the account under its registrable domain and warns of an owner who gets no leads", async () => {
    const call = apiClient(openWorld().deps);
    expect(await call("PUT", "/accounts/WWW.Acme.CO.UK", ACME)).toMatchObject({
      status: 201,
      json: {
        domain: "acme.co.uk",
        ...ACME,
        warnings: [expect.stringContaining("bo is not a rep")],
      },
    });
    await call("PUT", "/reps/bo", { name: "Bo", timeZone: "UTC" });
    expect(await call("PUT", "/accounts/acme.co.uk", ACME)).toMatchObject({
      status: 200,
      json: { warnings: [] },
    });
    expect(await call("GET", "/accounts/mail.acme.co.uk")).toMatchObject({
      status: 200,
      json: { domain: "acme.co.uk", ...ACME },
    });
    await call("DELETE", "/reps/bo");
    expect((await call("PUT", "/accounts/acme.co.uk", ACME)).json).toMatchObject({
      warnings: [expect.stringContaining("deactivated")],
    });
  });

  it.each(["gmail.com", "co.uk", "localhost", "192.168.0.1"])(
    "refuses the domain %s by name",
    async (domain) => {
      const { status, json } = await apiClient(openWorld().deps)(
        "PUT",
        `/accounts/${domain}`,
        ACME,
      );
      expect([status, Object.keys(refusedFields(json))]).toEqual([422, ["domain"]]);
    },
  );

  it.each<[string, unknown]>([
    ["accountId", undefined],
    ["accountId", ""],
    ["accountId", 1],
    ["name", undefined],
    ["ownerId", undefined],
    // Owners are named in the audit, and e-mail addresses are not.
    ["ownerId", "bo@acme.test"],
    ["owner", "bo"],
  ])("names %s when it is %j", async (field, value) => {
    const { status, json } = await apiClient(openWorld().deps)("PUT", "/accounts/acme.com", {
      ...ACME,
      [field]: value,
    });
    expect([status, Object.keys(refusedFields(json))]).toEqual([422, [field]]);
  });
});

describe("accounts", () => {
  it("are listed page by page and removed once", async () => {
    const call = apiClient(openWorld().deps);
    for (const domain of ["globex.com", "acme.com", "hooli.com"])
      await call("PUT", `/accounts/${domain}`, ACME);
    const { json } = await call("GET", "/accounts?limit=2");
    expect(json).toMatchObject({ items: [{ domain: "acme.com" }, { domain: "globex.com" }] });
    const { nextCursor } = json as { nextCursor: string };
    expect((await call("GET", `/accounts?cursor=${nextCursor}`)).json).toMatchObject({
      items: [{ domain: "hooli.com" }],
      nextCursor: null,
    });
    expect((await call("DELETE", "/accounts/acme.com")).status).toBe(204);
    expect((await call("DELETE", "/accounts/acme.com")).status).toBe(404);
    expect((await call("GET", "/accounts/acme.com")).status).toBe(404);
  });
});
