import { destination } from "lead-router";
import { describe, expect, it } from "vitest";
import { checkDestinations } from "../../../src/rules/destination.ts";
import { receiverOf } from "../../../src/notify/webhooks/receiver.ts";

const secrets = ["S"] as const;

const HOSTILE: Readonly<Record<string, string>> = {
  "plain http": "http://crm.example.com/",
  "another scheme": "ftp://crm.example.com/",
  "a file": "file:///etc/passwd",
  javascript: "javascript:alert(1)",
  "no URL": "crm.example.com/hooks",
  "a relative URL": "//crm.example.com/hooks",
  "a user name": "https://user@crm.example.com/",
  credentials: "https://user:pass@crm.example.com/",
  "a name before the address that is meant": "https://crm.example.com@127.0.0.1/",
  "another port": "https://crm.example.com:8443/",
  "port 22": "https://crm.example.com:22/",
  localhost: "https://localhost/",
  "LOCALHOST with a dot": "https://LocalHost./",
  "below localhost": "https://a.localhost/",
  loopback: "https://127.0.0.1/",
  "loopback with a dot": "https://127.0.0.1./",
  "short loopback": "https://127.1/",
  "decimal loopback": "https://2130706433/",
  "hexadecimal loopback": "https://0x7f000001/",
  "hexadecimal parts": "https://0x7f.0x0.0x0.0x1/",
  "octal loopback": "https://0177.0.0.1/",
  "octal with zeros": "https://017700000001/",
  "mixed bases": "https://0x7f.1/",
  "percent-encoded loopback": "https://%31%32%37.0.0.1/",
  "full-width digits": "https://１２７.０.０.１/",
  "ideographic dots": "https://127。0。0。1/",
  "enclosed digits": "https://①②⑦.⓪.⓪.①/",
  zero: "https://0/",
  "all zeros": "https://0.0.0.0/",
  "private 10": "https://10.1.2.3/",
  "private 172": "https://172.16.0.1/",
  "private 192": "https://192.168.1.1/",
  "carrier-grade NAT": "https://100.64.0.1/",
  "link-local": "https://169.254.1.1/",
  metadata: "https://169.254.169.254/latest/meta-data/",
  "decimal metadata": "https://2852039166/",
  "hexadecimal metadata": "https://0xa9fea9fe/",
  broadcast: "https://255.255.255.255/",
  multicast: "https://224.0.0.1/",
  "a public address": "https://93.184.216.34/",
  "IPv6 loopback": "https://[::1]/",
  "IPv6 unspecified": "https://[::]/",
  "IPv4-mapped loopback": "https://[::ffff:127.0.0.1]/",
  "IPv4-mapped in hexadecimal": "https://[::ffff:7f00:1]/",
  "IPv4-compatible": "https://[::127.0.0.1]/",
  "NAT64 of metadata": "https://[64:ff9b::a9fe:a9fe]/",
  "6to4 of loopback": "https://[2002:7f00:1::]/",
  "unique local": "https://[fd00:ec2::254]/",
  "IPv6 link-local": "https://[fe80::1]/",
  "a zone": "https://[fe80::1%25eth0]/",
  "a public IPv6 address": "https://[2606:4700::1111]/",
  "Google's metadata": "https://metadata.google.internal/",
  "a bare name": "https://metadata/",
  intranet: "https://crm.intranet/",
  "a printer": "https://printer.local/",
  corp: "https://crm.corp/",
  "a home": "https://router.home.arpa/",
  "a reversed address": "https://1.0.0.127.in-addr.arpa/",
  onion: "https://duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion/",
  "a public suffix": "https://co.uk/",
  "nip.io": "https://127.0.0.1.nip.io/",
  "sslip.io": "https://169-254-169-254.sslip.io/",
  "localtest.me": "https://app.localtest.me/",
  "white space": "https://crm.example.com/ hooks",
  "a tab in the name": "https://127\t.0.0.1/",
  "a new line": "https://crm.example.com/\nHost: 127.0.0.1",
  "a backslash": "https://crm.example.com\\@127.0.0.1/",
  nothing: "",
};

describe.each(Object.entries(HOSTILE))("%s", (_, url) => {
  it("is refused when rules.ts is loaded", () => {
    expect(() => destination("crm", { url, secrets })).toThrow(/^destination "crm": "url": /);
  });

  it("is refused when it is to be used, and quoted nowhere", () => {
    const declared = destination("crm", { url: "CRM_URL", secrets });
    const secret = (name: string) => (name === "CRM_URL" ? url || null : "whsec_AAAA");
    const refused = receiverOf({ secret }, declared);
    expect(refused).toMatch(/^CRM_URL (should|is) /);
    if (url !== "") expect(refused).not.toContain(url);
  });
});

it.each([
  "https://crm.example.com/hooks/leads?tenant=1",
  "https://crm.example.com:443/",
  "https://hooks.zapier.com/hooks/catch/1/abc/",
  "https://acme.github.io/x",
  "https://bücher.example.de/",
  "https://example.com./",
])("%s may be called", (url) => {
  expect(
    receiverOf({ secret: () => "whsec_AAAA" }, destination("crm", { url, secrets })),
  ).toMatchObject({ url });
});

describe("a declaration", () => {
  const url = "https://crm.example.com/";
  it.each([
    ["CRM", { url, secrets }, /the key must be/],
    ["crm", { url, secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] }, /never the value itself/],
    ["crm", { url, secrets: [] }, /must name a secret/],
    ["crm", { url, secrets: ["A", "A"] }, /names one secret twice/],
    ["crm", { url, secrets: ["A", "B", "C"] }, /two secrets at most/],
    ["crm", { url, secrets, events: [] }, /must list an event/],
    ["crm", { url, secrets, events: ["lead.sold"] }, /"lead.sold" is no event/],
    ["crm", { url, secrets, retries: 3 }, /"retries" is no setting of a destination/],
  ])("%s %o is refused in words", (key, settings, words) => {
    expect(() => destination(key, settings as never)).toThrow(words);
  });

  it("of one key twice is refused", () => {
    const crm = destination("crm", { url, secrets });
    expect(() => checkDestinations([crm, crm])).toThrow('two destinations have the key "crm"');
  });

  it("of a secret that is no base64 says so and does not quote it", () => {
    const refused = receiverOf(
      { secret: () => "whsec_!hidden!" },
      destination("crm", { url, secrets }),
    );
    expect(refused).toBe("S is not a Standard Webhooks secret: whsec_ and base64");
  });
});
