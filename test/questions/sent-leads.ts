// The leads that were sent, and when (UTC). On Monday the website's form sent countries by name. Since its relaunch that
// evening it sends numbers from its own list, which only the form knows, so its leads no longer have a country.

const MONDAY = `
08:02 | Jonas Brandt     | jonas@elbtal.example          | Germany     | 48 | website
08:11 | Lea Zürcher      | lea@saentis.example           | Switzerland | 66 | website
08:19 | Olivia Hart      | olivia@brightwater.example    | Ireland     | 91 | website
08:34 | Katrin Adler     | adler@deltarobotics.example   | Germany     | 90 | trade fair
08:52 | Emma Visser      | emma@polder.example           | Netherlands | 71 | webinar
09:05 | Felix Bauer      | felix@juniper.example         | Germany     | 74 | website
09:20 | Tom Ebner        | tom@acme-robotics.example     | Germany     | 55 | website
09:41 | Lukas Gruber     | gruber@donau.example          | Austria     | 39 | website
10:07 | Camille Laurent  | camille@ateliersept.example   | France      | 82 | webinar
10:15 | Nina Frei        | nina@rigi.example             | Switzerland | 77 | website
10:48 | Ivan Petrov      | ivan@balkan.example           | Bulgaria    | 8  | website
11:02 | Hannah Vogel     | hannah@havelwerk.example      | Germany     | 52 | website
11:30 | Noah Williams    | noah@cobaltaero.example       | United Kingdom | 97 | website
12:09 | Paul Richter     | paul@kieler.example           | Germany     | 88 | website
12:26 | Jean-Luc Petit   | jeanluc@petitpain.example     | France      | 40 | webinar
13:04 | Sophie Wagner    | sophie@spreeblick.example     | Germany     | 60 | website
13:37 | James Whitfield  | james@thornbury.example       | United Kingdom | 95 | website
14:18 | Elias Schmid     | elias@emmental.example        | Switzerland | 49 | website
14:45 | Marta Kowalska   | marta@wisla.example           | Poland      | 61 | webinar
15:22 | Clara Neumann    | clara@rheinhafen.example      | Germany     | 58 | website`;

const TUESDAY = `
08:04 | Tim Hofer        | tim@tiroler.example           | 40          | 43 | website
08:17 | Peter Blom       | peter@baltic.example          | 68          | 55 | website
08:29 | Lucas Almeida    | lucas@pampa.example           | 32          | 86 | website
08:41 | Petra Svobodova  | petra@morava.example          | 58          | 35 | website
08:58 | Isabella Conti   | isabella@lumen.example        | Italy       | 55 | webinar
09:06 | Anna Lehmann     | anna@isarbau.example          | 83          | 62 | website
09:14 | Freja Nielsen    | freja@nordhavn.example        | 59          | 51 | website
09:27 | Markus Huber     | markus@inntal.example         | 40          | 85 | website
09:45 | Mia Keller       | mia@alpenblick.example        | 40          | 35 | website
09:52 | Mateo Rossi      | mateo@officina.example        | Italy       | 33 | webinar
10:03 | Ralf Stein       | ralf@acme-robotics.example    | 83          | 64 | website
10:12 | Ada Brunner      | ada@limmat.example            | 212         | 47 | website
10:26 | Chloé Dubois     | chloe@maisonbleue.example     | 22          | 31 | website
10:31 | Oscar Lund       | oscar@lundcykler.example      | 59          | 12 | website
10:39 | Jan Peters       | jan@weserlog.example          | 83          | 58 | website
10:58 | Daniel Osei      | daniel@volta.example          | 85          | 44 | website
11:07 | Nora Lindgren    | nora@tvabagare.example        | 211         | 22 | website
11:15 | Ben Carter       | ben@carterandsons.example     | 77          | 29 | website
11:24 | Julia Costa      | julia@irishealth.example      | 178         | 59 | website
11:33 | Greta Sommer     | greta@moselwein.example       | 83          | 66 | website
11:48 | Viktor Novak     | viktor@vltava.example         | 58          | 44 | website
11:56 | Lena Schuster    | lena@ruhrstahl.example        | 83          | 92 | website`;

/** A lead as it was sent. */
export interface SentLead {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly form: Readonly<Record<string, string | number>>;
}

function parseDay(day: string, table: string): SentLead[] {
  return table
    .trim()
    .split("\n")
    .map((line, row) => {
      const [time, name = "", email = "", country = "", score, source = ""] = line
        .split("|")
        .map((cell) => cell.trim());
      // The seconds are made up, but the same in every run.
      const at =
        Date.parse(`${day}T${time}:00.000Z`) + ((name.length * 7_919 + row * 12_347) % 60_000);
      return { at, form: { name, email, country, score: Number(score), lead_source: source } };
    });
}

export const SENT_LEADS: readonly SentLead[] = [
  ...parseDay("2026-11-23", MONDAY),
  ...parseDay("2026-11-24", TUESDAY),
];
