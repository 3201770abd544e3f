/** A lead as the chain sees it and D1 stores it: normalised at intake, immutable afterwards. */
export interface Lead {
  /** UUIDv7: ids sort in order of arrival. */
  readonly id: string;
  /** Instant the lead was received: milliseconds since the epoch. */
  readonly receivedAt: number;
  /** Lower case. */
  readonly email: string | null;
  /** As it was sent, white space collapsed. */
  readonly phone: string | null;
  readonly name: string | null;
  readonly company: string | null;
  /** Registrable domain of the company ("acme.co.uk"), lower case; null for free-mail addresses. */
  readonly companyDomain: string | null;
  /** ISO 3166-1 alpha-2, upper case. */
  readonly countryCode: string | null;
  readonly region: string | null;
  readonly source: string | null;
  /** Rounded to two decimals, so that bands such as up to 79.99 and from 80 leave no hole between them. */
  readonly score: number | null;
  /** Everything else that was sent, untouched, under the names it was sent with. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A lead before it is received. */
export type LeadDraft = Omit<Lead, "id" | "receivedAt">;
