import { expect, it } from "vitest";
import { flattenHubspot } from "../../../src/intake/forms/dialects.ts";
import { form } from "../../../src/rules/form.ts";
import { onlyLead, openForms } from "./forms-world.ts";

it.each(["/submissions/v3/integration/submit/1234567/contact", "/uploads/form/v2/1234567/contact"])(
  "takes what a plain form of HubSpot's posts to %s",
  async (path) => {
    const door = openForms([form("contact")]);
    const sent = {
      "0-1/email": "jane@acme.test",
      "0-1/firstname": "Jane",
      "0-2/name": "Acme",
      hs_context: '{"pageName":"Demo"}',
    };
    expect((await door.post(path, sent)).status).toBe(200);
    expect(await onlyLead(door)).toMatchObject({
      email: "jane@acme.test",
      name: "Jane",
      company: "Acme",
      fields: { firstname: "Jane", pageName: "Demo", _form: "contact" },
    });
  },
);

it("names properties as the person's or the company's, whichever way they are qualified, and loses none", () => {
  const sent = {
    fields: [
      { name: "0-1/email", value: "jane@acme.test" },
      { name: "0-2/domain", value: "acme.test" },
      { objectTypeId: "0-2", name: "0-1/phone", value: "1" },
      { objectTypeId: "0-2", name: "size", value: "2" },
      { name: "0-3/amount", value: "3" },
    ],
    "0-1/email": "other@acme.test",
  };
  expect({ ...flattenHubspot(sent) }).toEqual({
    email: "jane@acme.test",
    "company.domain": "acme.test",
    phone: "1",
    "company.size": "2",
    "0-3/amount": "3",
    "0-1/email": "other@acme.test",
  });
});
