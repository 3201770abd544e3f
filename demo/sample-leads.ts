import type { DemoLead } from "./api-client.ts";

// Made-up people. `via` is the kind of form that sent the lead: each names its fields differently, and the
// router understands them all. Twelve come from companies that are accounts: two of those belong to a rep
// on leave, and one belongs to no rep.
const TABLE = `
via       | name              | company                | email                          | country     | score | source       | size
json      | Olivia Hart       | Brightwater Software   | olivia@brightwater.example     | US          | 91    | demo request |
mailchimp | Mia Keller        | Alpenblick Reisen      | mia@alpenblick.example         | Austria     | 35    | newsletter   |
json      | Hana Kimura       | Alpen Foods            | hana.kimura@alpenfoods.example | JP          | 70    | trade fair   |
wordpress | Ben Carter        |                        | ben.carter@gmail.com           |             |       | contact form |
json      | Aoife Byrne       | Liffey Learning        | aoife@liffeylearning.example   | IE          | 62    | webinar      |
html      | Jonas Brandt      | Elbtal Maschinenbau    | j.brandt@elbtal.example        | Deutschland | 48    | contact form |
json      | Liam O'Connor     | Shannon Cloud          | liam@shannoncloud.example      | IE          | 84    | demo request |
json      | Oscar Lund        | Lund Cykler            | oscar@lundcykler.example       | DK          | 12    | newsletter   |
json      | Peter Blom        | Baltic Freight         | p.blom@balticfreight.example   | EE          | 55    | outbound     |
html      | Nora Lindgren     | Två Bagare             | nora@tvabagare.example         | Sweden      | 22    | referral     | 12
json      | Sofía Navarro     | Cedro Textiles         | sofia@cedrotextiles.example    | MX          | 88    | demo request |
mailchimp | Lea Zürcher       | Säntis Medtech         | lea@saentismedtech.example     | Schweiz     | 66    | newsletter   |
json      | 田中 美咲         | みらい工房             | misaki@mirai-kobo.example      | JP          | 58    | event        |
json      | Noah Williams     | Cobalt Aerospace       | noah@cobaltaero.example        | US          | 97    | demo request |
wordpress | Margaret Doyle    |                        |                                | Ireland     |       | contact form |
json      | Ngozi Eze         | Cedro Labs             | ngozi@cedrolabs.example        | NG          | 41    | webinar      |
json      | Felix Bauer       | Juniper Textiles       | f.bauer@junipertextiles.example| DE          | 74    | trade fair   |
html      | Kwame Mensah      | Gold Coast Cocoa       | kwame@goldcoastcocoa.example   | Ghana       | 47    | contact form |
json      | Camille Laurent   | Atelier Sept           | camille@ateliersept.example    | FR          | 82    | webinar      |
json      | Lucas Almeida     | Pampa Logística        | lucas@pampalog.example         | BR          | 86    | demo request |
json      | Wanjiru Kamau     | Rift Valley Tours      | wanjiru@riftvalley.example     | KE          | 25    | newsletter   |
mailchimp | Hannah Vogel      | Havelwerk              | hannah@havelwerk.example       | Germany     | 52    | newsletter   |
json      | Katrin Adler      | Delta Robotics         | adler@deltarobotics.example    | DE          | 90    | trade fair   |
json      | Emma Visser       | Polder Fietsen         | emma@polderfietsen.example     | NL          | 71    | webinar      |
json      | Zanele Dlamini    | Protea Mining          | zanele@proteamining.example    | ZA          | 93    | demo request |
html      | Yuki Mori         |                        | yuki.mori@hotmail.com          | Japan       |       | contact form |
json      | Lukas Gruber      | Donau Elektrik         | gruber@donauelektrik.example   | AT          | 39    | outbound     |
json      | Marta Kowalska    | Wisła Systems          | marta@wislasystems.example     | PL          | 81    | webinar      |
wordpress | Sam Rivera        | Rivera & Daughters     | sam@riveradaughters.example    | USA         | 35    | referral     | 4
json      | Rania Haddad      | Cedar & Stone          | rania@cedarstone.example       | LB          | 66    | event        |
json      | Selin Kaya        | Ember Energy           | selin@emberenergy.example      | TR          | 83    | outbound     |
json      | James Whitfield   | Thornbury Capital      | james@thornbury.example        | GB          | 95    | demo request |
html      | Nina Frei         | Rigi Instruments       | nina.frei@rigi.example         | Suisse      | 77    | contact form |
json      | Viktor Novák      | Vltava Print           | viktor@vltavaprint.example     | CZ          | 44    | webinar      |
json      | Carlos Pérez      |                        | carlos.perez@icloud.com        | ES          |       | chat         |
json      | Anika Sharma      | Deccan Analytics       | anika@deccan.example           | IN          | 89    | demo request |
mailchimp | Paul Richter      | Kieler Kontor          | paul@kielerkontor.example      | Deutschland | 88    | newsletter   |
json      | Isabella Conti    | Lumen Finance          | conti@lumenfinance.example     | IT          | 55    | event        |
json      | Chloé Dubois      | Maison Bleue           | chloe@maisonbleue.example      | BE          | 31    | newsletter   |
json      | Mateo Rossi       | Officina Verde         | mateo@officinaverde.example    | IT          | 83    | webinar      |
json      | Kenta Ito         | Fjord Travel           | kenta@fjordtravel.example      | JP          | 64    | outbound     |
html      | Ravi Menon        | Kaveri Weaves          | ravi@kaveriweaves.example      | India       | 76    | contact form |
json      | Sophie Wagner     | Spreeblick Medien      | sophie@spreeblick.example      | DE          | 60    | webinar      |
json      | Emily Chen        | Pacific Gate Group     | emily@pacificgate.example      | US          | 90    | demo request |
json      | 李娜              | 玉河茶业               | lina@jaderivertea.example      | CN          |       | trade fair   |
wordpress | Amina Yusuf       | Savanna Crafts         | amina@savannacrafts.example    | Kenya       | 18    | referral     | 30
json      | Wendy Reed        | Granit Studios         | wendy@granitstudios.example    | US          | 72    | outbound     |
mailchimp | Tim Hofer         | Tiroler Holz           | tim@tirolerholz.example        | Österreich  | 43    | newsletter   |
json      | Freja Nielsen     | Nordhavn Design        | freja@nordhavn.example         | DK          | 51    | webinar      |
json      | 佐藤 浩           | Sakura Precision       | sato@sakuraprecision.example   | JP          | 85    | event        |
html      | Clara Neumann     | Rheinhafen Spedition   | clara@rheinhafen.example       | Germany     | 58    | contact form |
json      | Ivan Petrov       | Balkan Print           | ivan@balkanprint.example       | BG          | 8     | newsletter   |
json      | Léo Garnier       | Harbor Foods           | leo@harborfoods.example        | FR          | 68    | outbound     |
json      | Tomás Herrera     | Andes Café             | tomas@andescafe.example        | CO          | 68    | event        |
json      | Ingrid Haugen     | Fjellkraft             | ingrid@fjellkraft.example      | NO          | 92    | demo request |
html      | Petra Svobodová   | Morava Glass           | petra@moravaglass.example      | Czechia     |       | contact form |
json      | Elias Schmid      | Emmental Käse          | elias@emmentalkaese.example    | CH          | 49    | trade fair   |
json      | Jean-Luc Petit    | Boulangerie Petit      | jeanluc@petit-pain.example     | FR          | 40    | webinar      |
json      | Daniel Osei       | Volta Grid             | daniel@voltagrid.example       | GH          | 80    | demo request |
json      | Julia Costa       | Iris Health            | julia@irishealth.example       | PT          | 59    | outbound     |
`;

type Column = "company" | "email" | "country" | "score" | "source" | "size";

/** The field names of one sender: the name in one field or two, then the columns. */
interface Spelling extends Readonly<Record<Column, string>> {
  readonly names: readonly string[];
}

const SPELLINGS: Readonly<Record<string, Spelling>> = {
  json: {
    names: ["name"],
    company: "company",
    email: "email",
    country: "countryCode",
    score: "score",
    source: "source",
    size: "company_size",
  },
  html: {
    names: ["Full Name"],
    company: "Organisation",
    email: "Work Email",
    country: "Country",
    score: "Lead Score",
    source: "Lead Source",
    size: "company_size",
  },
  wordpress: {
    names: ["your-name"],
    company: "company-name",
    email: "your-email",
    country: "country",
    score: "lead-score",
    source: "source",
    size: "company_size",
  },
  mailchimp: {
    names: ["FNAME", "LNAME"],
    company: "COMPANY",
    email: "EMAIL",
    country: "COUNTRY",
    score: "SCORE",
    source: "utm_source",
    size: "company_size",
  },
};

const COLUMNS: readonly Column[] = ["company", "email", "country", "score", "source", "size"];

function parseRow(row: string, at: number): DemoLead {
  const [via = "", name = "", ...cells] = row.split("|").map((cell) => cell.trim());
  const spelling = SPELLINGS[via];
  if (spelling === undefined) throw new Error(`sample lead ${at + 1}: unknown sender "${via}"`);
  const isJson = via === "json";
  const fields: Record<string, string | number> = {};
  for (const [index, part] of splitName(name, spelling.names.length).entries()) {
    fields[spelling.names[index] ?? ""] = part;
  }
  for (const [index, column] of COLUMNS.entries()) {
    const value = cells[index] ?? "";
    if (value === "") continue;
    fields[spelling[column]] = isJson && column === "score" ? Number(value) : value;
  }
  // A person without an email address leaves a phone number instead.
  if (fields[spelling.email] === undefined) fields["phone"] = "+353 1 555 0142";
  return { label: `sample lead ${at + 1}`, encoding: isJson ? "json" : "form", fields };
}

function splitName(name: string, parts: number): string[] {
  if (parts === 1) return [name];
  const [first = "", ...rest] = name.split(" ");
  return [first, rest.join(" ")];
}

export const LEADS: readonly DemoLead[] = TABLE.trim().split("\n").slice(1).map(parseRow);
