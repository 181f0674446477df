/** Is it running, how much, since when. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Overview } from '../../../api/types';
import { Badge, Notice, type Tone } from '../../../primitives/Notice';
import { Card, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { UsageCards, VitalsCard } from '../../usage';
import { getOverview } from '../api/getOverview';

/** No event tells how a region's media server is doing. */
const EVERY = 10_000;

export function OverviewCard() {
  const overview = useQuery({
    ...getOverview,
    refetchInterval: ({ state }) => (state.data?.media.regions.length ? EVERY : false),
  });
  if (overview.isPending) return <Loading />;
  return (
    <>
      {overview.isError && <Failed error={overview.error} />}
      {overview.data && <Figures overview={overview.data} />}
    </>
  );
}

const STATES: Record<string, { tone: Tone; key: 'mediaReady' | 'mediaStarting' | 'mediaDown' }> = {
  ready: { tone: 'good', key: 'mediaReady' },
  starting: { tone: 'warn', key: 'mediaStarting' },
  down: { tone: 'danger', key: 'mediaDown' },
};

function Figures({ overview }: { overview: Overview }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { media } = overview;
  const state = STATES[media.status] ?? { tone: 'danger' as const, key: 'mediaDown' as const };
  const figures = [
    { label: t('admin.liveRooms'), value: overview.live_rooms },
    { label: t('admin.livePeople'), value: overview.live_participants },
    { label: t('admin.roomCount'), value: overview.rooms },
    { label: t('admin.userCount'), value: overview.users },
  ];
  return (
    <>
      <dl className={pageStyles.figures} style={{ margin: 0 }}>
        {figures.map(({ label, value }) => (
          <div key={label} className={pageStyles.figure}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Card
        title={t('admin.media')}
        actions={<Badge tone={state.tone}>{t(`admin.${state.key}`)}</Badge>}
      >
        {media.reason && <Notice tone="danger">{media.reason}</Notice>}
        <dl className={pageStyles.facts}>
          <dt>{t('admin.engine')}</dt>
          <dd>{[media.engine, media.version].filter(Boolean).join(' ')}</dd>
          <dt>{t('admin.database')}</dt>
          <dd>{overview.database === 'sqlite' ? 'SQLite' : 'PostgreSQL'}</dd>
          <dt>{t('admin.version')}</dt>
          <dd>{overview.version}</dd>
          <dt>{t('admin.upSince')}</dt>
          <dd>{format.dateTime(overview.started_at)}</dd>
        </dl>
      </Card>
      {media.regions.length > 0 && <RegionsCard regions={media.regions} />}
      <VitalsCard />
      <UsageCards />
      <RecordingsFigures recordings={overview.recordings} />
    </>
  );
}

function RegionsCard({ regions }: { regions: Overview['media']['regions'] }) {
  const { t } = useTranslation();
  return (
    <Card title={t('admin.regions')} lead={t('admin.regionsLead')}>
      <ul className={pageStyles.list}>
        {regions.map(({ name, status, reason, url }) => {
          const state = STATES[status] ?? { tone: 'danger' as const, key: 'mediaDown' as const };
          return (
            <li key={name} className={pageStyles.item}>
              <div className={pageStyles.itemText}>
                <div className={pageStyles.itemTitle}>
                  {name} <Badge tone={state.tone}>{t(`admin.${state.key}`)}</Badge>
                </div>
                <div className={pageStyles.itemHint}>
                  {[url ?? t('admin.throughSite'), reason].filter(Boolean).join(' · ')}
                </div>
              </div>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

const PARTS: Record<Overview['recordings']['recorder'], Tone | 'neutral'> = {
  ready: 'good',
  down: 'danger',
  none: 'neutral',
};

/** Who records, where films go, and how much room is left for them. */
function RecordingsFigures({ recordings }: { recordings: Overview['recordings'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { recorder, recorder_reason, storage_reason, space } = recordings;
  const taken = format.bytes(recordings.kept_bytes);
  const quota = recordings.quota_bytes;
  return (
    <Card
      title={t('recording.title')}
      actions={<Badge tone={PARTS[recorder]}>{t(`admin.recorder.${recorder}`)}</Badge>}
    >
      {recorder_reason && <Notice tone="danger">{recorder_reason}</Notice>}
      {storage_reason && <Notice tone="danger">{storage_reason}</Notice>}
      {space !== 'plenty' && <Notice tone="warn">{t(`recording.space.site.${space}`)}</Notice>}
      <dl className={pageStyles.facts}>
        <dt>{t('admin.filmsTake')}</dt>
        <dd>
          {quota === null ? taken : t('admin.ofQuota', { taken, quota: format.bytes(quota) })}
        </dd>
        {recordings.free_bytes !== null && (
          <>
            <dt>{t('admin.filmsFree')}</dt>
            <dd>{format.bytes(recordings.free_bytes)}</dd>
          </>
        )}
        <dt>{t('admin.filmsWaiting')}</dt>
        <dd>{format.number(recordings.waiting)}</dd>
        <dt>ffmpeg</dt>
        <dd>{recordings.ffmpeg ?? t('admin.noFfmpeg')}</dd>
      </dl>
    </Card>
  );
}
