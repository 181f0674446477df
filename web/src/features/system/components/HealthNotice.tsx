/** Says on every page of the administration that something is wrong, and leads to what. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Notice } from '../../../primitives/Notice';
import { useFormat } from '../../../primitives/useFormat';
import { useMay } from '../../auth';
import { readSiteHealth } from '../api/readSiteHealth';

export function HealthNotice() {
  const { t } = useTranslation();
  const format = useFormat();
  const seesIt = useMay('see_site');
  const { data, isError } = useQuery({ ...readSiteHealth, enabled: seesIt });
  if (!seesIt) return null;
  // What was seen before says nothing of now.
  if (isError) return <Notice tone="danger">{t('health.unread')}</Notice>;
  if (!data) return null;
  const { state } = data;
  if (state !== 'fail' && state !== 'warn') return null;
  const wrong = data.parts.filter((part) => part.state === state);
  return (
    <Notice tone={state === 'fail' ? 'danger' : 'warn'}>
      {t(`health.wrong.${state}`, {
        parts: format.list(wrong.map(({ part }) => t(`health.part.${part}`))),
      })}{' '}
      <Link to="/admin/health">{t('health.look')}</Link>
    </Notice>
  );
}
