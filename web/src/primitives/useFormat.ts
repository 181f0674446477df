/** Dates, times and spans in the chosen language, as they are written where the person lives. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { localeFor } from '../i18n/locale';

export function useFormat() {
  const { i18n, t } = useTranslation();
  return useMemo(() => {
    const locale = localeFor(i18n.language);
    const dateTime = new Intl.DateTimeFormat(locale, {
      dateStyle: 'medium',
      timeStyle: 'short',
    });
    const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
    const list = new Intl.ListFormat(locale, { type: 'conjunction' });
    return {
      dateTime: (ms: number) => dateTime.format(ms),
      time: (ms: number) => time.format(ms),
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
  }, [i18n.language, t]);
}
