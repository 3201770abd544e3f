import { experimental_readRawConfig as readRawConfig } from "wrangler";

/** wrangler.toml (or whichever wrangler would read in this folder), parsed as wrangler parses it, nothing filled in. */
export function readConfig(path = "wrangler.toml"): unknown {
  return readRawConfig({ config: path }, { hideWarnings: true }).rawConfig;
}
