import { mkdirSync, writeFileSync } from "node:fs";
import { RULES_DOC, renderRulesDoc } from "../docs/rules-doc.ts";
import { renderDocs } from "./render-docs.ts";
import { openWorld } from "./world.ts";

// `npm run docs`: writes docs/api.md with the answers of a real router, and docs/rules.md with what the commands really print.

const DOCS = new URL("../../docs/", import.meta.url).pathname;

mkdirSync(DOCS, { recursive: true });
writeFileSync(`${DOCS}api.md`, await renderDocs(await openWorld()));
writeFileSync(RULES_DOC, await renderRulesDoc());
