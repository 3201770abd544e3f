import type { Random } from "../../simulation/random.ts";
import { drawFields, drawName, drawText, drawValue } from "./hostile-text.ts";

/** An object, mostly. */
export function drawJsonText(random: Random): string {
  if (random.chance(0.05)) return drawDeep(random);
  const fields = drawFields(random).map(([name, value]) => {
    const written = random.chance(0.5) ? drawJsonString(random, value) : null;
    return `${drawJsonString(random, name)}:${written ?? drawJsonValue(random, name, 2)}`;
  });
  return `{${fields.join(random.chance(0.02) ? ";" : ",")}}`;
}

/** Nested far deeper than a stack is. */
function drawDeep(random: Random): string {
  const depth = random.pick([60, 64, 65, 66, 1_000, 30_000]);
  const [open, close] = random.pick([
    ["[", "]"],
    ['{"a":', "}"],
    ['[{"email":', "}]"],
  ]);
  return `{"email":"jane@acme.test","${random.pick(["deep", "email", "fields", "data"])}":${open.repeat(depth)}1${close.repeat(depth)}}`;
}

function drawJsonValue(random: Random, name: string, levels: number): string {
  const kind = random.whole(0, levels === 0 ? 4 : 7);
  if (kind <= 2) return drawJsonString(random, drawValue(random, name));
  if (kind === 3)
    return random.pick([
      "null",
      "true",
      "false",
      "0",
      "-0",
      "1e400",
      "12345678901234567890",
      "0.1",
      "nul",
    ]);
  if (kind === 4) return drawJsonString(random, drawText(random));
  const length = random.whole(0, 3);
  if (kind === 5)
    return `[${Array.from({ length }, () => drawJsonValue(random, name, levels - 1)).join(",")}]`;
  const fields = Array.from({ length }, () => {
    const inner = random.chance(0.3)
      ? random.pick(["name", "value", "objectTypeId"])
      : drawName(random);
    return `${drawJsonString(random, inner)}:${drawJsonValue(random, inner, levels - 1)}`;
  });
  return `{${fields.join(",")}}`;
}

/** Escaped, half escaped (lone surrogates come through as escapes only) or, now and then, not at all. */
function drawJsonString(random: Random, text: string): string {
  return random.chance(0.02) ? `"${text}"` : JSON.stringify(text);
}
