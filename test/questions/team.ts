import { chain, fallback, matchedAccount, pod, score, territory } from "lead-router";

// A made-up team, small enough to remember: its reps, their pods, and its rules.

const dach = pod("dach", { dailyCap: 6 });
const enterprise = pod("enterprise");
const sdr = pod("sdr", { dailyCap: 5 });

export const teamChain = chain(
  matchedAccount({ whenOwnerAway: "next" }),
  territory("DACH", { countryCode: ["DE", "AT", "CH"] }, dach),
  score("hot", { min: 80 }, enterprise),
  fallback(sdr),
);

const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"];

function officeHours(start: string, end: string) {
  return Object.fromEntries(WEEKDAYS.map((day) => [day, [[start, end]]]));
}

/** The body of `PUT /api/reps/:id`, by id. */
export const REPS: Readonly<Record<string, unknown>> = {
  bo: {
    name: "Bo Lindqvist",
    email: "bo@team.example",
    slackUserId: "U02BO0000",
    timeZone: "Europe/Stockholm",
    workingHours: officeHours("09:00", "17:00"),
  },
  chidi: {
    name: "Chidi Okafor",
    email: "chidi@team.example",
    slackUserId: "U03CHIDI0",
    timeZone: "Africa/Lagos",
  },
  dana: {
    name: "Dana Weiss",
    email: "dana@team.example",
    slackUserId: "U04DANA00",
    timeZone: "Europe/Berlin",
    workingHours: officeHours("08:30", "17:30"),
  },
  emre: {
    name: "Emre Yılmaz",
    email: "emre@team.example",
    slackUserId: "U05EMRE00",
    timeZone: "Europe/Istanbul",
  },
  grace: {
    name: "Grace Kim",
    email: "grace@team.example",
    slackUserId: "U07GRACE0",
    timeZone: "Europe/London",
  },
  ines: {
    name: "Inès Moreau",
    email: "ines@team.example",
    slackUserId: "U09INES00",
    timeZone: "Europe/Paris",
    dailyCap: 4,
  },
  jay: {
    name: "Jay Patel",
    email: "jay@team.example",
    slackUserId: "U10JAY000",
    timeZone: "Europe/London",
  },
};

/** The body of `PUT /api/pods/:pod/members/:rep`, by "pod/rep", in the order in which they joined. */
export const MEMBERS: Readonly<Record<string, unknown>> = {
  "dach/bo": {},
  "dach/dana": { weight: 2 },
  "dach/emre": {},
  "enterprise/grace": {},
  "enterprise/ines": {},
  "sdr/chidi": {},
  "sdr/ines": {},
  "sdr/jay": {},
};

/** The body of `PUT /api/accounts/:domain`, by domain. */
export const ACCOUNTS: Readonly<Record<string, unknown>> = {
  "acme-robotics.example": { accountId: "0015g00000Xk2Qp", name: "Acme Robotics", ownerId: "dana" },
  "cobaltaero.example": {
    accountId: "0015g00000Xk2Rt",
    name: "Cobalt Aerospace",
    ownerId: "grace",
  },
};
