/**
 * What one sent entry can fill, and its folded spellings, the canonical one first: when several were sent, the earlier one wins.
 * From what form services, CRMs and ad platforms send (Contact Form 7, Mailchimp, Google lead forms, Salesforce, HubSpot, Formspree).
 * The parts of a name and the campaign's source are stand-ins for a field that was not sent.
 */
const SPELLINGS = {
  email: ["email", "emailaddress", "mail", "workemail", "businessemail", "youremail", "replyto"],
  phone: [
    "phone",
    "phonenumber",
    "telephone",
    "tel",
    "mobile",
    "mobilephone",
    "workphone",
    "yourphone",
  ],
  name: ["name", "fullname", "yourname", "contact", "contactname"],
  firstName: ["firstname", "fname", "givenname"],
  lastName: ["lastname", "lname", "surname", "familyname"],
  company: ["company", "companyname", "organization", "organisation", "account"],
  companyDomain: ["companydomain", "domain", "website", "companywebsite", "url"],
  countryCode: ["countrycode", "country"],
  region: ["region", "state", "statecode", "province"],
  source: ["source", "leadsource"],
  utmSource: ["utmsource"],
  score: ["score", "leadscore"],
};

export type SpelledField = keyof typeof SPELLINGS;

const FIELDS = Object.keys(SPELLINGS) as SpelledField[];
const PLACES = new Map(
  FIELDS.flatMap((field) =>
    SPELLINGS[field].map((spelling, rank) => [spelling, { field, rank }] as const),
  ),
);

/** Lower case, without spaces, underscores, hyphens, dots and brackets: "First_Name", "first-name" and "FIRST NAME" are one. */
export function foldFieldName(name: string): string {
  return name.toLowerCase().replace(/[\s_\-.[\]]/g, "");
}

/** The field that an entry of this name can fill, or null when the name is none of the known spellings. */
export function findField(name: string): SpelledField | null {
  return PLACES.get(foldFieldName(name))?.field ?? null;
}

/**
 * Of the sent names those that can fill each field, the preferred first: the field's own name to the
 * letter, then by place in the list of spellings, then in the order they were sent.
 */
export function groupByField(
  names: readonly string[],
): ReadonlyMap<SpelledField, readonly string[]> {
  const found = names.flatMap((name) => {
    const place = PLACES.get(foldFieldName(name));
    if (place === undefined) return [];
    return { name, field: place.field, rank: name === place.field ? -1 : place.rank };
  });
  const groups = new Map<SpelledField, string[]>();
  for (const { name, field } of found.toSorted((a, b) => a.rank - b.rank)) {
    const group = groups.get(field);
    if (group) group.push(name);
    else groups.set(field, [name]);
  }
  return groups;
}
