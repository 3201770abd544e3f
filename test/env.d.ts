import type { D1Migration } from "@cloudflare/vitest-plugin";
import type { Env } from "../src/platform.ts";

declare global {
  namespace Cloudflare {
    interface Env extends RouterEnv {
      MIGRATIONS: D1Migration[];
    }
    interface GlobalProps {
      mainModule: typeof import("../src/index.ts");
    }
  }
}
type RouterEnv = Env;
