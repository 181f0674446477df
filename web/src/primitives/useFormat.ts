/** Dates, times, spans and sizes in the chosen language and time zone, as they are written where the person lives. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { localeFor } from '../i18n/locale';
import { timeZone } from './days';

const BITS = ['bit', 'kilobit', 'megabit', 'gigabit'];
const BYTES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

export function useFormat() {
  const { i18n, t } = useTranslation();
  const zone = timeZone.use();
  return useMemo(() => {
    const locale = localeFor(i18n.language);
    const moment = (style: Intl.DateTimeFormatOptions) =>
      new Intl.DateTimeFormat(locale, { ...style, timeZone: zone });
    const dateTime = moment({ dateStyle: 'medium', timeStyle: 'short' });
    const date = moment({ dateStyle: 'medium' });
    const percent = new Intl.NumberFormat(locale, { style: 'percent' });
    const number = new Intl.NumberFormat(locale);
    const time = moment({ timeStyle: 'short' });
    const exactTime = moment({ timeStyle: 'medium' });
    const exact = moment({ dateStyle: 'short', timeStyle: 'medium' });
    const list = new Intl.ListFormat(locale, { type: 'conjunction' });
    return {
      dateTime: (ms: number) => dateTime.format(ms),
      date: (ms: number) => date.format(ms),
      time: (ms: number) => time.format(ms),
      /** To the second, for what goes on now. */
      exactTime: (ms: number) => exactTime.format(ms),
      /** To the second, for what is on record. */
      exactDateTime: (ms: number) => exact.format(ms),
      number: (value: number) => number.format(value),
      percent: (share: number) => percent.format(share),
      bytes: (count: number) => {
        const power = Math.min(BYTES.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
        const unit = new Intl.NumberFormat(locale, {
          style: 'unit',
          unit: BYTES[power],
          unitDisplay: 'short',
          maximumFractionDigits: power > 1 ? 1 : 0,
        });
        return unit.format(count / 1_000 ** power);
      },
      /** A rate in bits per second. */
      bits: (perSecond: number) => {
        const power = Math.min(3, Math.floor(Math.log10(Math.max(1, perSecond)) / 3));
        const unit = new Intl.NumberFormat(locale, {
          style: 'unit',
          unit: `${BITS[power]}-per-second`,
          unitDisplay: 'short',
          maximumFractionDigits: power > 1 ? 1 : 0,
        });
        return unit.format(perSecond / 1_000 ** power);
      },
      clock,
      list: (items: string[]) => list.format(items),
      span: (seconds: number) =>
        seconds < 60
          ? t('span.seconds', { count: Math.max(0, Math.round(seconds)) })
          : seconds < 3600
            ? t('span.minutes', { count: Math.round(seconds / 60) })
            : t('span.hours', {
                hours: Math.floor(seconds / 3600),
                minutes: Math.round((seconds % 3600) / 60),
              }),
    };
  }, [i18n.language, t, zone]);
}

/** A length as a player shows it: 0:07, 12:34, 1:02:03. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const two = (part: number) => String(part).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const head = minutes < 60 ? `${minutes}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}`;
  return `${head}:${two(seconds % 60)}`;
}
