/**
 * Stands between the address and its page until the server has answered once: a server that is away is said so and
 * tried again. What happens later, pages and calls say themselves.
 */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Outlet } from 'react-router';
import { Failed, pageStyles, SiteName, useTitle } from '../../../primitives/Page';
import { getMe } from '../../auth';
import { usePreferences } from '../../preferences';
import { getSite } from '../api/getSite';
import { Brand } from './Brand';

const AGAIN_MS = 5_000;

export function FirstLoad() {
  const [answered, setAnswered] = useState(false);
  // It stays while the next try runs: what comes and goes can't be read.
  const [failure, setFailure] = useState<Error | null>(null);
  const again = failure && !answered ? AGAIN_MS : (false as const);
  // No page and no call begins before it is known who is looking.
  const { data, error, refetch } = useQuery({ ...getMe, refetchInterval: again });
  if (!answered && data !== undefined) setAnswered(true);
  usePreferences();
  if (error && failure !== error) setFailure(error);
  const site = useQuery({ ...getSite, enabled: answered }).data;
  if (answered || !failure) {
    return (
      <SiteName value={site?.name ?? 'Convoke'}>
        <Outlet />
      </SiteName>
    );
  }
  return <Away error={failure} retry={() => void refetch()} />;
}

function Away({ error, retry }: { error: Error; retry: () => void }) {
  const { t } = useTranslation();
  useTitle(t('away.title'));
  return (
    <main className={`${pageStyles.narrow} ${pageStyles.stack}`}>
      <Brand />
      <h1>{t('away.title')}</h1>
      <Failed error={error} retry={retry} />
      <p>{t('away.text')}</p>
    </main>
  );
}
