/** Trunks and rules as a person writes them in LiveKit's JSON: what is wrong with the text, in the page's language. */
import { Problem } from '../../api/problem';
import i18n from '../../i18n';

export type Message = Record<string, unknown>;

/** Browsers say where in their own words; the place is all that they agree on. */
function place(error: unknown, text: string): { line: number; column: number } | undefined {
  const told = String(error);
  const [, line, column] = /line (\d+) column (\d+)/.exec(told) ?? [];
  if (line && column) return { line: Number(line), column: Number(column) };
  const at = /position (\d+)/.exec(told)?.[1];
  if (at === undefined) return undefined;
  const before = text.slice(0, Number(at)).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** What keeps the text from being sent. */
export function complaintOf(text: string): string | undefined {
  try {
    const read: unknown = JSON.parse(text);
    const isObject = typeof read === 'object' && read !== null && !Array.isArray(read);
    return isObject ? undefined : i18n.t('telephony.notObject');
  } catch (error) {
    const at = place(error, text);
    return at ? i18n.t('telephony.notJsonAt', at) : i18n.t('telephony.notJson');
  }
}

/** The same failure with all that the server has against single fields said of the text, by their names. */
export function ofText(failure: unknown, name: string): unknown {
  if (!(failure instanceof Problem) || failure.errors.length === 0) return failure;
  const told = failure.errors.map(({ field, code, detail }) => {
    const key = `telephony.wrong.${code}`;
    return i18n.exists(key)
      ? i18n.t(key as 'telephony.wrong.unknown', { field })
      : i18n.t('telephony.wrong.other', { field, detail });
  });
  const { status, code, detail } = failure;
  return new Problem(status, code, detail, [
    { field: name, code: 'of_text', detail: told.join(' ') },
  ]);
}
