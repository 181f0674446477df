/** Reads whom somebody wants to invite, a line each, as people write it and as spreadsheets save it; and writes what became of it. */
import type { InvitedLine, InviteLine } from '../../api/types';

/** At once, as the server has it. */
export const MOST_LINES = 200;

const ROLES = ['admin', 'support', 'auditor', 'user'];

/**
 * Each line has an address, and before or behind it a name and a role, in any order: `Ada Lovelace <ada@example.org>`,
 * `ada@example.org, Ada Lovelace, auditor`. Empty lines and a line of headings are left out.
 */
export function readLines(text: string): InviteLine[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n|\r/);
  return lines.flatMap((line, index) => {
    const parts = partsOf(line).map((part) => part.trim());
    const filled = parts.filter((part) => part !== '');
    if (filled.length === 0) return [];
    const isHeading = index === 0 && filled.some((part) => /^e-?mail/i.test(part));
    if (isHeading && !line.includes('@')) return [];
    return [lineOf(filled)];
  });
}

function lineOf(parts: string[]): InviteLine {
  const at = parts.findIndex((part) => part.includes('@'));
  // Without an address something stands for it, so that the answer can say that it is none.
  const [written = ''] = parts.splice(Math.max(at, 0), 1);
  const named = /^(.*)<([^<>]+)>$/.exec(written);
  const email = named?.[2]?.trim() ?? written;
  const role = parts.findIndex((part) => ROLES.includes(part.toLowerCase()));
  const [chosen] = role < 0 ? [] : parts.splice(role, 1);
  const note = [named?.[1]?.trim().replace(/^"(.*)"$/, '$1'), ...parts].filter(Boolean).join(' ');
  return { email, note: note || undefined, role: chosen?.toLowerCase() };
}

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
  const harmless = /^[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
