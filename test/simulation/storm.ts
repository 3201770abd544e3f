/** How long the storm lasts, in milliseconds. */
export const STORM_MS = 25 * 60_000;
