import { expect, test } from 'vitest';
import { calendarFile, calendarFileName } from './invitation';

const START = Date.UTC(2026, 10, 30, 15);
const NOW = Date.UTC(2026, 10, 30, 14, 20, 5);
const entry = (name: string) =>
  calendarFile({ id: 'r-1', name, url: 'https://meet.example.org/abc', start: START }, NOW);

test('an entry says when, what and where, in lines that calendars read', () => {
  const lines = entry('Weekly').split('\r\n');
  expect(lines).toContain('DTSTAMP:20261130T142005Z');
  expect(lines).toContain('DTSTART:20261130T150000Z');
  expect(lines).toContain('DTEND:20261130T160000Z');
  expect(lines).toContain('SUMMARY:Weekly');
  expect(lines).toContain('LOCATION:https://meet.example.org/abc');
  expect(lines).toContain(`UID:r-1-${START}@meet.example.org`);
  expect(lines.at(0)).toBe('BEGIN:VCALENDAR');
  expect(lines.slice(-2)).toEqual(['END:VCALENDAR', '']);
});

test('a name cannot say anything else to a calendar', () => {
  const lines = entry('Plan; a, b\\c\nATTENDEE:mailto:x').split('\r\n');
  expect(lines).toContain('SUMMARY:Plan\\; a\\, b\\\\c\\nATTENDEE:mailto:x');
  expect(lines.some((line) => line.startsWith('ATTENDEE'))).toBe(false);
});

test('long lines are folded by bytes, and are the same again once unfolded', () => {
  const name = 'Réunion 🎉 '.repeat(20).trim();
  const text = entry(name);
  for (const line of text.split('\r\n')) {
    expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
  }
  expect(text.replaceAll('\r\n ', '')).toContain(`SUMMARY:${name}\r\n`);
});

test('the file is called as the room is, as far as file systems allow', () => {
  expect(calendarFileName('Été: plan/3?')).toBe('Été-plan-3.ics');
  expect(calendarFileName('///')).toBe('call.ics');
});
