/** Every part of the site: does it work, and if not, why. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Badge, type Tone } from '../../../primitives/Notice';
import { Card, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { readSiteHealth, type SiteHealth } from '../api/readSiteHealth';

const TONES: Record<SiteHealth['state'], Tone | 'neutral'> = {
  ok: 'good',
  warn: 'warn',
  fail: 'danger',
  off: 'neutral',
};

export function HealthCard() {
  const { t } = useTranslation();
  const format = useFormat();
  const health = useQuery(readSiteHealth);
  if (health.isPending) return <Loading />;
  const failed = health.isError && (
    <Failed error={health.error} retry={() => void health.refetch()} />
  );
  if (!health.data) return failed;
  const { state, parts } = health.data;
  // What was seen before says nothing of now.
  const lost = health.isError;
  const tone = (seen: SiteHealth['state']) => (lost ? 'neutral' : TONES[seen]);
  return (
    <Card
      title={t('health.title')}
      lead={t('health.lead', { when: format.exactTime(health.dataUpdatedAt) })}
      actions={<Badge tone={tone(state)}>{t(`health.state.${lost ? 'unknown' : state}`)}</Badge>}
    >
      {failed}
      <ul className={pageStyles.list}>
        {parts.map(({ part, state, reason, count, detail }) => (
          <li key={part} className={pageStyles.item}>
            <div className={pageStyles.itemText}>
              <div className={pageStyles.itemTitle}>{t(`health.part.${part}`)}</div>
              {(reason || detail) && (
                <div className={pageStyles.itemHint}>
                  {[reason && t(`health.reason.${reason}`, { count: count ?? 0 }), detail]
                    .filter(Boolean)
                    .join(' ')}
                </div>
              )}
            </div>
            <Badge tone={tone(state)}>{t(`health.state.${state}`)}</Badge>
          </li>
        ))}
      </ul>
    </Card>
  );
}
