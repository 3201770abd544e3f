import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** What a wrangler was started with. */
export interface Call {
  readonly command: string;
  readonly stdin: string;
}

const LOOKING = /^(?:whoami|d1 list|queues info|r2 bucket info|secret list)/;

/**
 * An executable `wrangler`, first on the path, that keeps an account in a folder and writes down how it was called. A shell
 * script, because a test starts a dozen of them.
 */
export class FakeWrangler {
  readonly folder = mkdtempSync(join(tmpdir(), "lead-router-wrangler-"));
  readonly #path = process.env["PATH"] ?? "";

  constructor() {
    this.write("wrangler", PROGRAM);
    chmodSync(join(this.folder, "wrangler"), 0o755);
    process.env["PATH"] = `${this.folder}${delimiter}${this.#path}`;
    this.begin();
  }

  /** An account with nobody's anything in it, logged in. */
  begin(): void {
    rmSync(join(this.folder, "account"), { recursive: true, force: true });
    for (const kind of ["databases", "queues", "buckets"])
      mkdirSync(join(this.folder, "account", kind), { recursive: true });
    this.logIn([{ id: "acc1", name: "Acme" }]);
  }

  logIn(accounts: readonly { id: string; name: string }[]): void {
    this.write("account/whoami", JSON.stringify({ loggedIn: true, accounts }));
  }

  logOut(): void {
    rmSync(join(this.folder, "account/whoami"));
  }

  /** Makes a command that begins like this fail with these words. */
  fail(command: string, says: string): void {
    this.write("account/failing", `${command}\n${says}\n`);
  }

  mend(): void {
    rmSync(join(this.folder, "account/failing"));
  }

  addQueues(...names: readonly string[]): void {
    for (const name of names) this.write(`account/queues/${name}`, "");
  }

  /** Where a Worker is said to be once it is deployed. */
  deployTo(targets: readonly string[]): void {
    this.write("account/targets", JSON.stringify(targets));
  }

  /** By name; null while there is no Worker. */
  get secrets(): Readonly<Record<string, string>> | null {
    const path = join(this.folder, "account/secrets");
    return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
  }

  set secrets(secrets: Readonly<Record<string, string>>) {
    this.write("account/secrets", JSON.stringify(secrets));
  }

  list(kind: "databases" | "queues" | "buckets"): readonly string[] {
    return readdirSync(join(this.folder, "account", kind));
  }

  get calls(): readonly Call[] {
    const path = join(this.folder, "calls");
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => {
      const [command = "", stdin = ""] = line.split("\t");
      return { command, stdin };
    });
  }

  /** The commands that were to change something. */
  get changes(): readonly string[] {
    return this.calls.map(({ command }) => command).filter((command) => !LOOKING.test(command));
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  remove(): void {
    process.env["PATH"] = this.#path;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// The words and answers are those of wrangler 4.155 and of Cloudflare's API.
const PROGRAM = `#!/bin/sh
here="\${0%/*}"
stdin=""
if [ "$1 $2" = "secret bulk" ]; then read -r stdin; fi
printf '%s\\t%s\\n' "$*" "$stdin" >> "$here/calls"
cd "$here/account" || exit 9
fail() { echo "X [ERROR] $1" >&2; exit 1; }
if [ -f failing ]; then
  { read -r command; read -r says; } < failing
  case "$*" in "$command"*) fail "$says" ;; esac
fi
if [ "$1" = whoami ]; then
  if [ -f whoami ]; then cat whoami; exit 0; else echo '{"loggedIn":false}'; exit 1; fi
fi
[ -f whoami ] || fail "You are not authenticated."
case "$*" in
  "d1 list "*)
    list=""
    for name in databases/*; do [ -f "$name" ] && list="$list,{\\"uuid\\":\\"uuid-of-\${name#*/}\\",\\"name\\":\\"\${name#*/}\\"}"; done
    echo "[\${list#,}]" ;;
  "d1 create "*) : > "databases/$3" ;;
  "d1 migrations apply "*) ;;
  "queues info "*) [ -f "queues/$3" ] || fail "Queue \\"$3\\" does not exist. To create it, run: wrangler queues create $3" ;;
  "queues create "*) : > "queues/$3" ;;
  "r2 bucket info "*) [ -f "buckets/$4" ] || fail "The specified bucket does not exist. [code: 10006]" ;;
  "r2 bucket create "*) : > "buckets/$4" ;;
  "secret list "*)
    [ -f secrets ] || fail "This Worker does not exist on your account. [code: 10007]"
    sed 's/"\\([A-Z_]*\\)":"[^"]*"/{"name":"\\1","type":"secret_text"}/g; s/^{/[/; s/}$/]/' secrets ;;
  "secret bulk "*) echo "$stdin" > secrets ;;
  "deploy --dry-run "*) ;;
  "deploy "*) echo '{"type":"wrangler-session"}' >> "$WRANGLER_OUTPUT_FILE_PATH"
    echo "{\\"type\\":\\"deploy\\",\\"targets\\":$(cat targets)}" >> "$WRANGLER_OUTPUT_FILE_PATH" ;;
  *) fail "Unknown command: $*" ;;
esac
`;
