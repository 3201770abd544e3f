import { decodeText } from "./decode-text.ts";

/** What the header lines of one part of a multipart body say. */
export interface PartHeader {
  readonly name: string;
  /** Null of what is no file. Empty of a file field in which nothing was chosen. */
  readonly filename: string | null;
  readonly type: string;
}

/** The boundary that a `multipart/form-data` content type names; null when it names none, or one that no sender makes. */
export function boundaryOf(contentType: string): string | null {
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]*)"|([^\s;"]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare ?? "";
  // RFC 2046 allows 70 characters of ASCII.
  return /^[\x20-\x7e]{1,200}$/.test(boundary) ? boundary : null;
}

/** The header lines of a part, without the blank one; null of a part without a name, which no form makes. */
export function parsePartHeader(lines: Uint8Array): PartHeader | null {
  const headers = new Map(
    decodeText(lines)
      .split("\r\n")
      .map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
      }),
  );
  const disposition = headers.get("content-disposition") ?? "";
  const name = readParameter(disposition, "name");
  if (name === null) return null;
  return {
    name,
    filename: readParameter(disposition, "filename"),
    type: headers.get("content-type") ?? "",
  };
}

/** Browsers write a quote as %22 and line breaks as %0D%0A, and nothing else in percents; curl puts a backslash before a quote. */
function readParameter(disposition: string, parameter: string): string | null {
  const pattern = new RegExp(`;\\s*${parameter}=(?:"((?:\\\\"|[^"])*)"|([^\\s;"]+))`, "i");
  const [, quoted, bare] = pattern.exec(disposition) ?? [];
  const value = quoted ?? bare;
  return value === undefined
    ? null
    : value
        .replaceAll('\\"', '"')
        .replaceAll(/%22/g, '"')
        .replaceAll(/%0D/gi, "\r")
        .replaceAll(/%0A/gi, "\n");
}
