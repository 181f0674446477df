/** Has the page follow what its reader prefers; without an account, or a preference, what this device says holds. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { chooseLanguage } from '../../../i18n';
import { timeZone } from '../../../primitives/days';
import { pageSize } from '../../../primitives/useList';
import { useMe } from '../../auth';
import { getPreferences } from '../api/getPreferences';
import { chooseTheme } from '../theme';

export function usePreferences(): void {
  const me = useMe();
  const { data } = useQuery({ ...getPreferences, enabled: !!me });
  useEffect(() => {
    if (me === undefined || (me && !data)) return;
    const { language, theme, time_zone, page_size } = (me && data) || {};
    // These two are chosen on a device as well, so nothing said about them leaves them alone.
    if (language) void chooseLanguage(language);
    if (theme) chooseTheme(theme);
    timeZone.choose(time_zone ?? undefined);
    pageSize.choose(page_size ?? undefined);
  }, [me, data]);
}
