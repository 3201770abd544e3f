/** A call that curl would make. */
export interface CurlCall {
  readonly method: string;
  /** Relative to the API's root: "/reps/bo". */
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}

/** The commands of a shell block, split into words. Text in quotes is one word and can span lines. */
export function listCommands(shell: string): readonly (readonly string[])[] {
  return [...shell.matchAll(/(?:'[^']*'|"[^"]*"|[^\n'"])+/g)].map(([command]) =>
    [...command.matchAll(/'(?<single>[^']*)'|"(?<double>[^"]*)"|(?<bare>[^\s'"]+)/g)].map(
      ({ groups: { single, double, bare } = {} }) => single ?? double ?? bare ?? "",
    ),
  );
}

/**
 * Reads the words after `curl`: the few options that the documents use.
 * @param files contents by name, for `--data-binary @name`
 * @throws {Error} naming what it does not understand
 */
export function readCurl(words: readonly string[], files: ReadonlyMap<string, string>): CurlCall {
  let [method, path, contentType, body] = ["GET", "", "", ""];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word.startsWith("$api/")) {
      path = word.slice("$api".length);
      continue;
    }
    const value = words[++at] ?? "";
    if (word === "-X") method = value;
    else if (word === "--json") [contentType, body] = ["application/json", value];
    else if (word === "--data-binary") body = fileNamed(value, files);
    else if (word === "-H" && value.startsWith("content-type: "))
      contentType = value.slice("content-type: ".length);
    else if (word !== "-H" || value !== "$token")
      throw new Error(`curl ${word} ${value}: unknown option`);
  }
  return { method, path, contentType, body };
}

function fileNamed(reference: string, files: ReadonlyMap<string, string>): string {
  const text = files.get(reference.replace(/^@/, ""));
  if (text === undefined) throw new Error(`no block contains the file ${reference}`);
  return text;
}
