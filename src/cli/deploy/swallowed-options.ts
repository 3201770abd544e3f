/**
 * What npm kept for itself. Options before a `--` are npm's: `npm run deploy --dry-run` starts the script without it, and
 * only `npm_config_dry_run` in the environment (npm 11) tells that somebody asked for a dry run.
 * @param script as npm runs it: "deploy"
 * @param args what reached the script
 * @param names options without which the script would do more than was meant, or elsewhere: "dry-run"
 * @returns what to do instead, in words; null when nothing was kept
 */
export function findSwallowedOptions(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): string | null {
  const kept = names.flatMap((name) => {
    const value = env[`npm_config_${name.replaceAll("-", "_")}`] ?? "";
    const isGiven = args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
    // "" is how npm writes false.
    if (value === "" || isGiven) return [];
    return [value === "true" ? `--${name}` : `--${name}=${value}`];
  });
  if (kept.length === 0) return null;
  const options = kept.join(" ");
  return `npm kept ${options} for itself: npm run ${script} -- ${options}`;
}
