/** A failed request as a value: the server's problem+json, or `network` when no answer came. */
import i18n from '../i18n';
import type { FieldProblem } from './types';

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors: FieldProblem[] = [],
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(`${code}: ${detail}`);
  }
}

/**
 * The sentence a person reads: by code where we know it, else the server's own detail. What the server has against
 * single fields follows, but for the fields that show it themselves.
 */
export function problemText(error: unknown, shown: readonly string[] = []): string {
  const fields = Object.entries(fieldErrors(error)).filter(([name]) => !shown.includes(name));
  return [...new Set([sentence(error), ...fields.map(([, text]) => text)])]
    .filter(Boolean)
    .join(' ');
}

function sentence(error: unknown): string {
  if (!(error instanceof Problem)) return i18n.t('problem.unknown');
  const key = `problem.${error.code}`;
  if (i18n.exists(key)) return i18n.t(key as 'problem.unknown');
  return error.detail || i18n.t('problem.unknown');
}

/** Texts per form field, for inputs that show their own error. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof Problem)) return {};
  return Object.fromEntries(
    error.errors.map(({ field, code, detail }) => {
      // What is wrong with the whole may be said of a field, too.
      const known = [`problem.field.${code}`, `problem.${code}`].find((key) => i18n.exists(key));
      if (known === undefined) return [field, detail];
      const text = i18n.t(known as 'problem.field.no_such_link', { detail });
      // The word alone helps nobody to put it right; the server's own sentence is English.
      const english = i18n.resolvedLanguage === 'en';
      return [field, code === 'invalid' && detail && english ? `${text} ${detail}` : text];
    }),
  );
}
