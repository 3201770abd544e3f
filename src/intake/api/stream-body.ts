/** How the reading of a body ended. */
export type Streamed = "read" | "too_large" | "cut_off";

/** Hands over a body as it arrives, until told that it is enough. Counts: a Content-Length may lie or be missing. */
export async function streamBody(
  request: Request,
  limit: number,
  take: (chunk: Uint8Array) => boolean,
): Promise<Streamed> {
  if (Number(request.headers.get("Content-Length")) > limit) return "too_large";
  if (request.body === null) return "read";
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return "read";
      length += value.byteLength;
      const enough = length > limit || !take(value);
      if (!enough) continue;
      await reader.cancel();
      return length > limit ? "too_large" : "read";
    }
  } catch {
    // The sender went away, or sent less than it said: no fault of ours.
    return "cut_off";
  }
}

/**
 * A whole body of at most this many bytes. Takes the memory of what is sent, not of what might be; in one piece, because a sender
 * can make thousands of them.
 */
export async function readBytes(
  request: Request,
  limit: number,
): Promise<Uint8Array | Exclude<Streamed, "read">> {
  let bytes = new Uint8Array(0);
  let length = 0;
  const streamed = await streamBody(request, limit, (chunk) => {
    const needed = length + chunk.byteLength;
    if (needed > bytes.byteLength) {
      const grown = new Uint8Array(Math.min(limit, Math.max(needed, 2 * length)));
      grown.set(bytes.subarray(0, length));
      bytes = grown;
    }
    bytes.set(chunk, length);
    length = needed;
    return true;
  });
  return streamed === "read" ? bytes.subarray(0, length) : streamed;
}
