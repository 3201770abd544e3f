import { mkdirSync, writeFileSync } from "node:fs";
import { RULES_DOC, renderRulesDoc } from "../docs/rules-doc.ts";
import { renderDocs } from "./render-docs.ts";
import { openWorld } from "./world.ts";

// `npm run docs`: writes docs/api.md with a real router's answers, and docs/rules.md with the real output of its commands.

const DOCS = new URL("../../docs/", import.meta.url).pathname;

mkdirSync(DOCS, { recursive: true });
writeFileSync(`${DOCS}api.md`, await renderDocs(await openWorld()));
writeFileSync(RULES_DOC, await renderRulesDoc());
