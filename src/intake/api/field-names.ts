/** What one sent entry can fill. The parts of a name and the campaign's source are stand-ins for a field that was not sent. */
export type SpelledField =
  | "email"
  | "phone"
  | "name"
  | "firstName"
  | "lastName"
  | "company"
  | "companyDomain"
  | "countryCode"
  | "region"
  | "source"
  | "utmSource"
  | "score";

/**
 * Folded spellings of each field, the canonical one first: when several were sent, the earlier one wins.
 * From what form services, CRMs and ad platforms send (Contact Form 7, Mailchimp, Google lead forms, Salesforce, HubSpot, Formspree).
 */
const SPELLINGS: Readonly<Record<SpelledField, readonly string[]>> = {
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

function isSpelledField(name: string): name is SpelledField {
  return Object.hasOwn(SPELLINGS, name);
}

const PLACES = new Map<string, { readonly field: SpelledField; readonly rank: number }>();
for (const [field, spellings] of Object.entries(SPELLINGS)) {
  if (isSpelledField(field))
    spellings.forEach((spelling, rank) => PLACES.set(spelling, { field, rank }));
}

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
  const found: { name: string; field: SpelledField; rank: number }[] = [];
  for (const name of names) {
    const place = PLACES.get(foldFieldName(name));
    if (place)
      found.push({ name, field: place.field, rank: name === place.field ? -1 : place.rank });
  }
  found.sort((a, b) => a.rank - b.rank);
  const groups = new Map<SpelledField, string[]>();
  for (const { name, field } of found) {
    const group = groups.get(field);
    if (group) group.push(name);
    else groups.set(field, [name]);
  }
  return groups;
}
