import { z } from "zod";
import { findKeyProblem, findSettingProblem, secretName, text } from "./declarations.ts";
import { isControlName } from "./own-fields.ts";
import { isHost, readWebUrl } from "./urls.ts";

/** The services whose markup a form may keep. Basin's is as Formspree's, Static Forms' as Web3Forms'. */
export type Dialect = "formspree" | "web3forms" | "netlify" | "hubspot" | "salesforce";

/** What a form may say of itself. */
export interface FormSettings {
  /**
   * The names that the markup of other services calls this form by: `{ formspree: "xwkgabcd" }` (or "project/key"),
   * `web3forms` an access key, `netlify` a form-name, `hubspot` a form's GUID, `salesforce` an organisation's oid.
   */
  readonly aliases?: Readonly<Partial<Record<Dialect, string | readonly string[]>>>;
  /** Hosts whose pages may post it: "example.com", "*.example.com", "localhost:3000". "www." is a host of its own. None = any. */
  readonly allowedOrigins?: readonly string[];
  /** Whether a post that names no page is taken (privacy tools, other servers, apps); it counts as a sign of spam. Default: true. */
  readonly allowMissingOrigin?: boolean;
  /** The https URL of the page that says thank you. Default: the router's own. */
  readonly thanks?: string;
  /** The name of a field that people do not see: a submission that fills it is quarantined. In addition to those of every form: "_gotcha", "botcheck", "_honey", "bot-field", and names that contain "honeypot". */
  readonly honeypot?: string;
  /** Cloudflare Turnstile: the name of the secret, and what becomes of a lead while the verifier is away. */
  readonly captcha?: CaptchaSettings;
  /** The name of a rate limit of wrangler.toml, counted by form and visitor's network; null = none. Default: "FORMS". */
  readonly rateLimit?: string | null;
  /** Other names for fields of this form, before they are read: `{ "00N5g00000Abcde": "budget" }`. */
  readonly fieldAliases?: Readonly<Record<string, string>>;
  /** The lead's source when the form sends none. */
  readonly source?: string;
  /** False for a form that is closed for good: posts are answered 410. Default: true. */
  readonly active?: boolean;
}

export interface CaptchaSettings {
  /** The name of the secret that holds Turnstile's secret key. */
  readonly turnstile: string;
  readonly whenUnreachable: "quarantine" | "accept";
}

/** A form, as rules.ts declares it. */
export interface Form {
  /** Names it in URLs, in the lead's field `_form`, in the quarantine and in the log. */
  readonly key: string;
  readonly aliases: ReadonlyMap<Dialect, readonly string[]>;
  readonly allowedOrigins: readonly string[];
  readonly allowMissingOrigin: boolean;
  readonly thanks: string | null;
  readonly honeypot: string | null;
  readonly captcha: CaptchaSettings | null;
  readonly rateLimit: string | null;
  readonly fieldAliases: ReadonlyMap<string, string>;
  readonly source: string | null;
  readonly active: boolean;
}

const DIALECTS: readonly Dialect[] = ["formspree", "web3forms", "netlify", "hubspot", "salesforce"];

/**
 * Declares a form: `form("contact", { allowedOrigins: ["example.com"] })` takes what is posted to `/f/contact`.
 * @throws {Error} naming the form, when the key or a setting is not usable
 */
export function form(key: string, settings: FormSettings = {}): Form {
  const problem = findFormProblem(key, settings);
  if (problem !== null) throw new Error(`form "${key}": ${problem}`);
  const { aliases = {}, rateLimit = "FORMS" } = settings;
  return {
    key,
    aliases: new Map(DIALECTS.map((dialect) => [dialect, [aliases[dialect] ?? []].flat()])),
    allowedOrigins: (settings.allowedOrigins ?? []).map((host) => host.toLowerCase()),
    allowMissingOrigin: settings.allowMissingOrigin ?? true,
    thanks: settings.thanks ?? null,
    honeypot: settings.honeypot ?? null,
    captcha: settings.captcha ?? null,
    rateLimit,
    fieldAliases: new Map(Object.entries(settings.fieldAliases ?? {})),
    source: settings.source ?? null,
    active: settings.active ?? true,
  };
}

/**
 * Yields the forms as they are.
 * @throws {Error} when two forms have one key or, in one service's markup, one name: a post could not be told apart
 */
export function checkForms(forms: readonly Form[]): readonly Form[] {
  for (const dialect of DIALECTS) {
    const owners = new Map<string, Form>();
    for (const one of forms) {
      for (const name of namesOf(one, dialect)) {
        const owner = owners.get(name);
        if (owner !== undefined)
          throw new Error(
            owner.key === one.key
              ? `two forms have the key "${one.key}"`
              : `the forms "${owner.key}" and "${one.key}" are both called "${name}" (${dialect})`,
          );
        owners.set(name, one);
      }
    }
  }
  return forms;
}

/** The form that this service's markup calls by this name: by its key in any, else by its alias there. */
export function findForm(forms: readonly Form[], dialect: Dialect, name: string): Form | null {
  const called = spell(dialect, name);
  return forms.find((one) => namesOf(one, dialect).has(called)) ?? null;
}

function namesOf({ key, aliases }: Form, dialect: Dialect): ReadonlySet<string> {
  return new Set([key, ...(aliases.get(dialect) ?? [])].map((name) => spell(dialect, name)));
}

/** One spelling of a name: GUIDs are written in both cases, an id of Salesforce with three more letters that only check it. */
function spell(dialect: Dialect, name: string): string {
  if (dialect === "hubspot") return name.toLowerCase();
  return dialect === "salesforce" && name.length === 18 ? name.slice(0, 15) : name;
}

const fieldName = text.refine((name) => !isControlName(name), {
  error: ({ input }) => `"${String(input)}" is a name that forms use to steer, not a field`,
});

const settings = z.strictObject({
  aliases: z
    .strictObject({
      formspree: z.union([text, z.array(text)]).optional(),
      web3forms: z.union([text, z.array(text)]).optional(),
      netlify: z.union([text, z.array(text)]).optional(),
      hubspot: z.union([text, z.array(text)]).optional(),
      salesforce: z.union([text, z.array(text)]).optional(),
    })
    .optional(),
  allowedOrigins: z
    .array(
      z.string().refine(isHost, {
        error: ({ input }) =>
          `"${String(input)}" is no host such as "example.com", "*.example.com" or "localhost:3000"`,
      }),
    )
    .optional(),
  allowMissingOrigin: z.boolean().optional(),
  thanks: z
    .string()
    .refine((url) => readWebUrl(url) !== null, "must be an https URL (http on localhost only)")
    .optional(),
  honeypot: text.optional(),
  captcha: z
    .strictObject({
      turnstile: secretName,
      whenUnreachable: z.enum(["quarantine", "accept"]),
    })
    .optional(),
  rateLimit: secretName.nullable().optional(),
  fieldAliases: z.record(text, fieldName).optional(),
  source: text.optional(),
  active: z.boolean().optional(),
});

/** What is wrong with a declaration, naming the setting; null when nothing is. */
function findFormProblem(key: string, declared: FormSettings): string | null {
  return findKeyProblem(key) ?? findSettingProblem(settings, "a form", declared);
}
