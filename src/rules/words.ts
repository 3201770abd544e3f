/** "DE", "DE and AT", "DE, AT and CH". */
export function listWords(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}

/** `"hot" and "warm"`: names of rules, each in quotes. */
export function quoteNames(names: readonly string[]): string {
  return listWords(names.map((name) => `"${name}"`));
}

/** "1 account", "2 accounts", "1,204 accounts". */
export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}
