/** How somebody likes the pages, on every device where they sign in. */
import { getLocalTimeZone } from '@internationalized/date';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { LANGUAGES, type Language } from '../../../i18n';
import { Select } from '../../../primitives/Field';
import { Card, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { toast } from '../../../primitives/Toasts';
import { SIZES } from '../../../primitives/useList';
import { getPreferences } from '../api/getPreferences';
import type { Change } from '../api/updatePreferences';
import { useKeepPreferences } from '../hooks/useKeepPreferences';
import { THEMES, type Theme } from '../theme';

const DEVICE = 'device';

export function PreferencesCard() {
  const { t } = useTranslation();
  const preferences = useQuery(getPreferences);
  const keepThem = useKeepPreferences();
  const keep = (change: Change) => keepThem?.(change, () => toast(t('common.saved')));
  if (preferences.isPending) return <Loading />;
  if (preferences.isError) {
    return <Failed error={preferences.error} retry={() => void preferences.refetch()} />;
  }
  const { language, theme, time_zone, page_size } = preferences.data;
  const device = { id: DEVICE, label: t('preferences.device') };
  const chosen = <Id extends string>(id: string) => (id === DEVICE ? null : (id as Id));
  const zones = Intl.supportedValuesOf('timeZone')
    .map((id) => ({ id, label: zoneLabel(id) }))
    .sort((one, other) => one.label.localeCompare(other.label));
  if (time_zone && !zones.some(({ id }) => id === time_zone)) {
    zones.unshift({ id: time_zone, label: zoneLabel(time_zone) });
  }
  const deviceZone = t('preferences.deviceZone', { zone: zoneLabel(getLocalTimeZone()) });
  return (
    <Card title={t('preferences.title')} lead={t('preferences.lead')}>
      <div className={pageStyles.stack}>
        <Select
          label={t('appearance.language')}
          value={language ?? DEVICE}
          onChange={(id) => keep({ language: chosen<Language>(id) })}
          choices={[device, ...Object.entries(LANGUAGES).map(([id, label]) => ({ id, label }))]}
        />
        <Select
          label={t('appearance.theme')}
          value={theme ?? DEVICE}
          onChange={(id) => keep({ theme: chosen<Theme>(id) })}
          choices={[device, ...THEMES.map((id) => ({ id, label: t(`appearance.${id}`) }))]}
        />
        <Select
          label={t('preferences.timeZone')}
          value={time_zone ?? DEVICE}
          onChange={(id) => keep({ time_zone: chosen(id) })}
          choices={[{ id: DEVICE, label: deviceZone }, ...zones]}
        />
        <Select
          label={t('preferences.pageSize')}
          value={page_size === null ? DEVICE : String(page_size)}
          onChange={(id) => keep({ page_size: SIZES.find((size) => String(size) === id) ?? null })}
          choices={[
            { id: DEVICE, label: t('preferences.usual') },
            ...SIZES.map((size) => ({
              id: String(size),
              label: t('list.rows', { count: size }),
            })),
          ]}
        />
      </div>
    </Card>
  );
}

/** "Berlin (Europe)": people look for their city, and a list jumps to what is typed. */
function zoneLabel(id: string): string {
  const parts = id.replaceAll('_', ' ').split('/');
  const city = parts.pop();
  return parts.length > 0 ? `${city} (${parts.join(', ')})` : String(city);
}
