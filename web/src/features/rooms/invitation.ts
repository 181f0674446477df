/** What is sent to somebody who is to come: a text, and an entry for calendars (RFC 5545). It knows no page. */
export type Invitation = {
  /** The room's id: entries for the same hour of the same room are one. */
  id: string;
  name: string;
  url: string;
  /** When it begins, in milliseconds. */
  start: number;
};
const HOUR_MS = 3_600_000;

/** An entry of one hour; `now` is when it is made. */
export function calendarFile({ id, name, url, start }: Invitation, now: number): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Convoke//Convoke//EN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    `UID:${id}-${start}@${new URL(url).hostname}`,
    `DTSTAMP:${utc(now)}`,
    `DTSTART:${utc(start)}`,
    `DTEND:${utc(start + HOUR_MS)}`,
    `SUMMARY:${escaped(name)}`,
    `LOCATION:${escaped(url)}`,
    `DESCRIPTION:${escaped(`${name}\n${url}`)}`,
    `URL:${url}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

/** What the file is called: the room's name without what file systems refuse. */
export const calendarFileName = (name: string) =>
  `${name.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '') || 'call'}.ics`;

const utc = (ms: number) =>
  new Date(ms)
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.\d+Z$/, 'Z');

const escaped = (text: string) =>
  text.replace(/[\\;,]/g, (sign) => `\\${sign}`).replace(/\r?\n/g, '\\n');

/** Lines have at most 75 bytes; what goes on begins with a space. */
function folded(line: string): string {
  const encoder = new TextEncoder();
  let out = '';
  let room = 75;
  for (const sign of line) {
    const size = encoder.encode(sign).length;
    if (size > room) {
      out += '\r\n ';
      room = 74;
    }
    out += sign;
    room -= size;
  }
  return out;
}
