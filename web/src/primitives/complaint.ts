/** Why a field's text can't be sent, in the page's language; nothing when it can. */
import type { Rules } from '../api/limits';
import i18n from '../i18n';

export type Check = { required?: boolean; type?: string; rules?: Rules; invalid?: string };

export function complaint(
  text: string,
  { required, type, rules = {}, invalid }: Check,
): string | undefined {
  // Spaces belong to a password; around anything else the server takes them off.
  const value = type === 'password' ? text : text.trim();
  if (value === '') return required ? i18n.t('problem.field.required') : undefined;
  if (type === 'number') return wrongNumber(value, rules);
  // As the server counts: characters, not UTF-16 units.
  const length = [...value].length;
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = rules;
  if (length < minLength) return i18n.t('problem.field.atLeast', { count: minLength });
  if (length > maxLength) return i18n.t('problem.field.atMost', { count: maxLength });
  if (type === 'email' && !/^[^\s@]+@[^\s@]+$/.test(value)) return i18n.t('problem.field.email');
  if (pattern && !new RegExp(pattern, 'u').test(value))
    return invalid ?? i18n.t('problem.field.invalid');
  return undefined;
}

function wrongNumber(value: string, { minimum, maximum }: Rules): string | undefined {
  const number = Number(value);
  if (!Number.isInteger(number)) return i18n.t('problem.field.number');
  if (minimum !== undefined && number < minimum) {
    return i18n.t('problem.field.minimum', { least: minimum });
  }
  if (maximum !== undefined && number > maximum) {
    return i18n.t('problem.field.maximum', { most: maximum });
  }
  return undefined;
}
