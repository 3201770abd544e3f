/** The last instant a UUIDv7 can name: 48 bits of milliseconds. */
const LAST_INSTANT = 2 ** 48 - 1;

/** The smallest UUIDv7 of an instant (milliseconds since the epoch): ids below it are older. */
export function smallestLeadId(instant: number): string {
  const hex = Math.min(Math.max(instant, 0), LAST_INSTANT).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
