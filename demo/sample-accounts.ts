// Two hundred made-up companies under .example, which is reserved and reaches nobody (RFC 2606).

export interface SampleAccount {
  readonly domain: string;
  readonly accountId: string;
  readonly name: string;
  readonly ownerId: string;
}

const FIRST_WORDS = [
  "Alpen",
  "Baltic",
  "Cedro",
  "Delta",
  "Ember",
  "Fjord",
  "Granit",
  "Harbor",
  "Iris",
  "Juniper",
  "Kestrel",
  "Lumen",
  "Maple",
  "Nordic",
  "Ocean",
  "Pine",
  "Quartz",
  "River",
  "Sierra",
  "Terra",
];
const TRADES = [
  "Energy",
  "Finance",
  "Foods",
  "Freight",
  "Health",
  "Labs",
  "Robotics",
  "Studios",
  "Textiles",
  "Travel",
];

/** Owners take turns by a company's first word. */
const OWNERS = ["ana", "bo", "chidi", "dana", "emre", "fumi", "grace", "ines"];
/** Two trades differ: hugo is on leave, and "key-accounts" is a team of the CRM, no rep. */
const OWNERS_BY_TRADE: Readonly<Record<string, string>> = {
  Textiles: "hugo",
  Finance: "key-accounts",
};

export const ACCOUNTS: readonly SampleAccount[] = FIRST_WORDS.flatMap((word, row) =>
  TRADES.map((trade, column) => ({
    domain: `${word}${trade}.example`.toLowerCase(),
    accountId: `A-${String(row * TRADES.length + column + 1).padStart(4, "0")}`,
    name: `${word} ${trade}`,
    ownerId: OWNERS_BY_TRADE[trade] ?? OWNERS[row % OWNERS.length] ?? "ana",
  })),
);

/** The accounts as the CSV that a CRM would export. None of the values needs quoting. */
export function accountsAsCsv(): string {
  const rows = ACCOUNTS.map(({ domain, accountId, name, ownerId }) =>
    [domain, accountId, name, ownerId].join(","),
  );
  return ["domain,accountId,name,ownerId", ...rows, ""].join("\n");
}
