/** How often a page about live rooms looks again while it is seen: no event tells of rooms that programs made. */
export const REFRESH_MS = 5_000;
