/**
 * The variables of a .dev.vars as arguments of `wrangler dev`. With `secrets.required` in wrangler.toml, wrangler takes
 * from .dev.vars what is required there and drops the rest without a word: Slack, forms and sources would be silent. So
 * the rest goes to it as `--var`, which makes it visible in this machine's list of processes: .dev.vars is for
 * trying things out and never holds a production secret.
 * @param variables of .dev.vars, by name
 * @param required which of them wrangler takes by itself
 */
export function devVariables(
  variables: Readonly<Record<string, string | undefined>>,
  required: readonly string[],
): readonly string[] {
  return Object.entries(variables)
    .filter(([name, value]) => value !== undefined && value !== "" && !required.includes(name))
    .flatMap(([name, value]) => ["--var", `${name}:${value}`]);
}
