import { DIALECTS, type Dialect, type Form } from "./form.ts";

/**
 * Yields the forms as they are.
 * @throws {Error} when two forms have one key or, in one service's markup, one name: a post could not be told apart
 */
export function checkForms(forms: readonly Form[]): readonly Form[] {
  for (const dialect of DIALECTS) {
    const owners = new Map<string, Form>();
    for (const form of forms) {
      for (const name of namesOf(form, dialect)) {
        const owner = owners.get(name);
        if (owner !== undefined)
          throw new Error(
            owner.key === form.key
              ? `two forms have the key "${form.key}"`
              : `the forms "${owner.key}" and "${form.key}" are both called "${name}" (${dialect})`,
          );
        owners.set(name, form);
      }
    }
  }
  return forms;
}

/** The form that this service's markup calls by this name: by its key in any, else by its alias there. */
export function findForm(forms: readonly Form[], dialect: Dialect, name: string): Form | null {
  const called = spell(dialect, name);
  return forms.find((form) => namesOf(form, dialect).has(called)) ?? null;
}

function namesOf(form: Form, dialect: Dialect): ReadonlySet<string> {
  const aliases = form.aliases.get(dialect) ?? [];
  return new Set([form.key, ...aliases].map((name) => spell(dialect, name)));
}

/** One spelling of a name: GUIDs are written in both cases, an id of Salesforce with three more letters that only check it. */
function spell(dialect: Dialect, name: string): string {
  if (dialect === "hubspot") return name.toLowerCase();
  return dialect === "salesforce" && name.length === 18 ? name.slice(0, 15) : name;
}
