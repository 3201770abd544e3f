import { readFileSync } from "node:fs";
import { operations, type Operation } from "./operations.ts";
import { EXAMPLES } from "./examples.ts";
import { ask, QUESTIONS, type Call, type Question } from "./questions.ts";
import { renderJson, type Shown } from "./render-json.ts";
import type { Answer, World } from "./world.ts";

const TEMPLATE = new URL("api.template.md", import.meta.url).pathname;

/** `{{question why}}`, `{{example etag}}`, `{{calls}}`: on a line of its own. */
const SLOT = /^\{\{(question|example|calls) ?(\w*)\}\}$/;

/** docs/api.md: the template, filled with the answers of this world. */
export async function renderDocs(world: World): Promise<string> {
  const parts: string[] = [];
  for (const line of readFileSync(TEMPLATE, "utf8").split("\n")) {
    const [, kind, name = ""] = SLOT.exec(line) ?? [];
    if (kind === "question") parts.push(await renderQuestion(world, name));
    else if (kind === "example") parts.push(await renderExample(world, name));
    else if (kind === "calls") parts.push(renderCalls());
    else parts.push(line);
  }
  return parts.join("\n");
}

async function renderQuestion(world: World, name: string): Promise<string> {
  const question = Object.entries<Question>(QUESTIONS).find(([key]) => key === name)?.[1];
  if (question === undefined) throw new Error(`unknown question in the template: ${name}`);
  const answer = await ask(world, question);
  if (answer.status !== 200) throw new Error(`${name} was answered ${answer.status}`);
  return `${renderCall(question.call(world), {})}\n\n${renderAnswer(answer, [], question.shown)}`;
}

async function renderExample(world: World, name: string): Promise<string> {
  const example = EXAMPLES[name];
  if (example === undefined) throw new Error(`unknown example in the template: ${name}`);
  const { as = "ana", headers = {}, shownHeaders = [], shown } = example;
  const call = await example.call(world);
  const answer = await world.call(call.method, call.path, call.body, as, headers);
  return `${renderCall(call, headers)}\n\n${renderAnswer(answer, shownHeaders, shown)}`;
}

function renderCall(
  { method, path, body }: Call,
  headers: Readonly<Record<string, string>>,
): string {
  const { authorization = "$auth", ...others } = headers;
  const verb = method === "GET" || (method === "POST" && body !== undefined) ? "" : `-X ${method} `;
  const sent = authorization === "$auth" ? "$auth" : `authorization: ${authorization}`;
  const isFile = typeof body === "string";
  const json = body === undefined || isFile ? "" : ' -H "$json"';
  const words = [
    `curl ${verb}"$api${path}" -H "${sent}"${json}`,
    ...Object.entries(others).map(([name, value]) => `-H '${name}: ${value}'`),
    ...(isFile ? ["--data-binary @- <<'EOF'"] : []),
    ...(body === undefined || isFile ? [] : [`-d '${JSON.stringify(body)}'`]),
  ];
  const lines = words.join(" ").length <= 100 ? words.join(" ") : words.join(" \\\n  ");
  return fence("sh", isFile ? `${lines}\n${body}EOF` : lines);
}

function renderAnswer(
  { status, headers, text, json }: Answer,
  shownHeaders: readonly string[],
  shown: Shown | undefined,
): string {
  const head = [
    ...(status === 200 ? [] : [String(status)]),
    ...shownHeaders.map((name) => `${name}: ${headers.get(name)}`),
  ];
  if (json === null)
    return fence("text", [...head, "", text.replaceAll("\r\n", "\n").trimEnd()].join("\n"));
  return fence("js", [...head.map((line) => `// ${line}`), renderJson(json, shown)].join("\n"));
}

function fence(language: string, code: string): string {
  return `\`\`\`${language}\n${code}\n\`\`\``;
}

/** Every call of the API, by chapter of the OpenAPI document. */
function renderCalls(): string {
  const chapters = Map.groupBy(operations(), ({ operation }) => operation.tags?.[0] ?? "");
  return [...chapters]
    .map(([chapter, calls]) => `**${chapter}**\n\n${calls.map(renderOperation).join("\n")}`)
    .join("\n\n");
}

function renderOperation({
  method,
  path,
  operation,
}: {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}): string {
  return `- \`${method} ${path}\`: ${operation.summary}`;
}
