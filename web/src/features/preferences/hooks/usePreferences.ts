/** Has the page follow what its reader prefers; without an account, or a preference, what this device says holds. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { preferLanguage } from '../../../i18n';
import { timeZone } from '../../../primitives/days';
import { pageSize, SIZES } from '../../../primitives/useList';
import { useMe } from '../../auth';
import { getPreferences, type Preferences } from '../api/getPreferences';
import { preferTheme } from '../theme';

export function usePreferences(): void {
  const me = useMe();
  const { data } = useQuery({ ...getPreferences, enabled: !!me });
  useEffect(() => {
    // Until it is known who is looking and what they like, the page stays as it was.
    if (me === undefined || (me && !data)) return;
    follow(me ? data : undefined);
  }, [me, data]);
}

export function follow(preferences: Partial<Preferences> | undefined): void {
  const { language, theme, time_zone, page_size } = preferences ?? {};
  void preferLanguage(language ?? undefined);
  preferTheme(theme ?? undefined);
  timeZone.choose(time_zone ?? undefined);
  pageSize.choose(SIZES.find((size) => size === page_size));
}
