import { Problem } from "./problem.ts";

/**
 * A body as text, piece by piece, a byte order mark dropped. It is counted while it is read: a Content-Length may lie or be
 * missing.
 * @param look is shown the bytes as they come
 * @throws {Problem} too_large above `maxBytes`, bad_request when it is not UTF-8; both while the pieces are read
 */
export async function* readPieces(
  request: Request,
  maxBytes: number,
  look: (bytes: Uint8Array) => void = () => {},
): AsyncGenerator<string> {
  const tooLarge = new Problem("too_large", `The body is larger than ${maxBytes} bytes.`);
  if (Number(request.headers.get("Content-Length")) > maxBytes) throw tooLarge;
  if (request.body === null) return;
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      bytes += value?.byteLength ?? 0;
      if (bytes > maxBytes) throw tooLarge;
      if (value !== undefined) look(value);
      const text = decode(decoder, value, done);
      if (text !== "") yield text;
      if (done) return;
    }
  } finally {
    // Whoever stops reading wants no more of it; a body that came to its end takes no harm.
    await reader.cancel();
  }
}

/**
 * The whole of it.
 * @throws {Problem} as {@link readPieces}
 */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  return (await Array.fromAsync(readPieces(request, maxBytes))).join("");
}

function decode(decoder: TextDecoder, bytes: Uint8Array | undefined, done: boolean): string {
  try {
    return decoder.decode(bytes, { stream: !done });
  } catch {
    throw new Problem("bad_request", "The body is not UTF-8 text.");
  }
}
