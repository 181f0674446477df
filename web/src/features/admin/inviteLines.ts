/** Reads whom somebody wants to invite, a line each, as people write it and as spreadsheets save it; and writes what became of it. */
import type { InvitedLine, InviteLine } from '../../api/types';
import { ROLES } from './components/roles';

/** At once, as the server has it. */
export const MOST_LINES = 200;

/** What a column of roles is called. */
const ROLE_HEADING = /^(roles?|rights|rôles?|droits)$/i;

/**
 * Each line has an address, and beside it a name and in its last cell a role: `Ada Lovelace <ada@example.org>`,
 * `ada@example.org, Ada Lovelace, auditor`. Headings say which column has the role instead. Empty lines and the line
 * of headings are left out. What cannot be meant stays as it is, so that the answer says so of its line.
 */
export function readLines(text: string): InviteLine[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n|\r/);
  const rows = lines.map((line) => partsOf(line).map((part) => part.trim()));
  const headings = headingsOf(rows[0] ?? []);
  return rows
    .slice(headings ? 1 : 0)
    .filter((cells) => cells.some((cell) => cell !== ''))
    .map((cells) => lineOf(cells, headings));
}

function headingsOf(cells: string[]): string[] | undefined {
  const are = cells.some((cell) => /^e-?mail/i.test(cell)) && !cells.join().includes('@');
  return are ? cells : undefined;
}

function lineOf(cells: string[], headings: string[] | undefined): InviteLine {
  const filled = cells.map((text, column) => ({ text, column })).filter(({ text }) => text !== '');
  const addresses = filled.filter(({ text }) => text.includes('@'));
  // Two people on one line: nobody is guessed, the answer says that it is no address.
  if (addresses.length > 1) return { email: filled.map(({ text }) => text).join(', ') };
  // Without an address something stands for it, so that the answer can say that it is none.
  const written = addresses[0] ?? filled[0];
  const named = /^(.*)<([^<>]+)>$/.exec(written?.text ?? '');
  const name = named?.[1]?.trim().replace(/^"(.*)"$/, '$1');
  const others = filled.filter((cell) => cell !== written);
  const inColumn = headings?.findIndex((heading) => ROLE_HEADING.test(heading)) ?? -1;
  const last = others.find((cell) => cell === filled.at(-1));
  // An address, a name and a third thing: that is meant as a role, also where it is mistyped.
  const isThird = headings === undefined && filled.length + (name ? 1 : 0) >= 3;
  const role =
    inColumn >= 0
      ? others.find(({ column }) => column === inColumn)
      : last && (isThird || isRole(last.text))
        ? last
        : undefined;
  const note = [name, ...others.filter((cell) => cell !== role).map(({ text }) => text)];
  return {
    email: named?.[2]?.trim() ?? written?.text ?? '',
    note: note.filter(Boolean).join(' ') || undefined,
    role: role && (isRole(role.text) ? role.text.toLowerCase() : role.text),
  };
}

const isRole = (text: string) => ROLES.some((role) => role === text.toLowerCase());

/** The cells of a line: by tabs, semicolons or commas, where a quoted cell may hold any of them (RFC 4180). */
function partsOf(line: string): string[] {
  const by = ['\t', ';', ','].find((mark) => line.includes(mark)) ?? ',';
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (let index = 0; index < line.length; index += 1) {
    const letter = line[index] ?? '';
    if (letter === '"' && quoted && line[index + 1] === '"') {
      part += letter;
      index += 1;
    } else if (letter === '"' && (quoted || part.trim() === '')) {
      quoted = !quoted;
    } else if (letter === by && !quoted) {
      parts.push(part);
      part = '';
    } else {
      part += letter;
    }
  }
  return [...parts, part];
}

/** The links as a file for a spreadsheet or a mail merge: those who are invited, and those who are not and why. */
export function linksAsCsv(
  lines: InviteLine[],
  made: InvitedLine[],
  why: (fault: string) => string,
) {
  const rows = lines.map(({ email, note, role }, index) => {
    const { invite, fault } = made[index] ?? {};
    return [email, note ?? '', role ?? 'user', invite?.url ?? '', fault ? why(fault) : ''];
  });
  const text = [['email', 'note', 'role', 'link', 'problem'], ...rows]
    .map((cells) => `${cells.map(cellOf).join(',')}\r\n`)
    .join('');
  return `\uFEFF${text}`;
}

/** No cell that a spreadsheet runs, see the server's exports. */
function cellOf(text: string): string {
  const harmless = text.replace(/(?<=(?:^|[;\t\r\n])[ "]*)[=+\-@\t\r＝＋－＠]/g, "'$&");
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
