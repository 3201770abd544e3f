import { z } from "zod";

/** RFC 5321 allows a path of 256 octets, angle brackets included. */
const MAX_EMAIL_LENGTH = 254;

// Looser than the RFC where mail works all the same (international names, dots in a row), stricter where
// only a slip of the keyboard explains it (no dot in the domain, quotes, brackets).
const EMAIL =
  /^[^\s@"<>()[\]\\,;:]{1,64}@(?:[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}-]{0,62}\.)+[\p{L}\p{M}\p{N}-]{2,63}$/u;

// E.164 allows 15 digits; up to 5 more are an international prefix and an extension. Fewer than 5 reach nobody from outside.
const MIN_PHONE_DIGITS = 5;
const MAX_PHONE_DIGITS = 20;

function hasPhoneDigits(phone: string): boolean {
  const digits = phone.match(/\p{Nd}/gu)?.length ?? 0;
  return digits >= MIN_PHONE_DIGITS && digits <= MAX_PHONE_DIGITS;
}

const contactSchema = z
  .object({
    email: z
      .string()
      .max(MAX_EMAIL_LENGTH, `should be an email address of at most ${MAX_EMAIL_LENGTH} characters`)
      .regex(EMAIL, { error: "should be an email address" })
      .nullable(),
    phone: z
      .string()
      .refine(
        hasPhoneDigits,
        `should be a phone number of ${MIN_PHONE_DIGITS} to ${MAX_PHONE_DIGITS} digits`,
      )
      .nullable(),
  })
  .refine((contact) => contact.email !== null || contact.phone !== null, {
    path: ["email"],
    error: "is required unless a phone is given: a lead needs an email or a phone",
    params: { code: "REQUIRED_FIELD_MISSING" },
  });

/** How a lead can be reached, already trimmed. */
export type Contact = z.infer<typeof contactSchema>;

/** What is wrong with one of the two. Codes are those that form clients know (Formspree's list). */
export interface ContactError {
  readonly code: "TYPE_EMAIL" | "TYPE_TEXT" | "REQUIRED_FIELD_MISSING";
  readonly field: keyof Contact;
  /** Reads on after the field's name: "should be an email address". */
  readonly message: string;
}

/** At most one error per field; none when the lead can be reached by e-mail, by phone or both. */
export function checkContact(contact: Contact): readonly ContactError[] {
  const errors = new Map<keyof Contact, ContactError>();
  for (const issue of contactSchema.safeParse(contact).error?.issues ?? []) {
    const field = issue.path[0] === "phone" ? "phone" : "email";
    const missing = issue.code === "custom" && issue.params?.["code"] === "REQUIRED_FIELD_MISSING";
    const code = missing
      ? "REQUIRED_FIELD_MISSING"
      : field === "email"
        ? "TYPE_EMAIL"
        : "TYPE_TEXT";
    if (!errors.has(field)) errors.set(field, { code, field, message: issue.message });
  }
  return [...errors.values()];
}
