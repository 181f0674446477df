/** Days as a date field has them, and moments as the server has them, in the time zone that the person reads. */
import {
  fromAbsolute,
  getLocalTimeZone,
  parseDate,
  parseDateTime,
  toCalendarDate,
  toCalendarDateTime,
} from '@internationalized/date';
import { remembered } from './remembered';

/** A name of the IANA's; unset it is the device's. */
export const timeZone = remembered('convoke.time-zone', (name) => {
  try {
    // Another browser may have known one that this one does not.
    return Intl.DateTimeFormat('en', { timeZone: name }) && name;
  } catch {
    return undefined;
  }
});

const zone = () => timeZone.now() ?? getLocalTimeZone();

/** `2026-11-29` of a moment. */
export const dayOf = (ms: number) => toCalendarDate(fromAbsolute(ms, zone())).toString();

/** The first moment of a day, or null of none. */
export function startOf(day: string): number | null {
  try {
    return parseDate(day).toDate(zone()).getTime();
  } catch {
    return null;
  }
}

/** The last second of a day, or null of none: what is kept until a day is kept on that day. */
export function endOf(day: string): number | null {
  const next = startOf(nextOf(day));
  return next === null ? null : next - 1_000;
}

/** The day after; what is no day stays as it is. */
export function nextOf(day: string): string {
  try {
    return parseDate(day).add({ days: 1 }).toString();
  } catch {
    return day;
  }
}

/** `2026-11-29T14:00`: the full hour after a moment. */
export const nextHour = (ms: number) =>
  `${toCalendarDateTime(fromAbsolute(ms, zone()).add({ hours: 1 }))
    .toString()
    .slice(0, 13)}:00`;

/** The moment of a minute, or null of none. */
export function momentOf(minute: string): number | null {
  try {
    return parseDateTime(minute).toDate(zone()).getTime();
  } catch {
    return null;
  }
}
