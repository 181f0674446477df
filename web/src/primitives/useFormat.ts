/** Dates, times and spans in the chosen language. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

export function useFormat() {
  const { i18n, t } = useTranslation();
  return useMemo(() => {
    const dateTime = new Intl.DateTimeFormat(i18n.language, {
      dateStyle: 'medium',
      timeStyle: 'short',
    });
    const time = new Intl.DateTimeFormat(i18n.language, { timeStyle: 'short' });
    const list = new Intl.ListFormat(i18n.language, { type: 'conjunction' });
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
