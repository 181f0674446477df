/** How the server does now: its machine, its media server, its ports. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { ServerMetrics } from '../../../api/types';
import { Notice } from '../../../primitives/Notice';
import { Card, Failed, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { getMetrics } from '../api/getMetrics';

const MONTH_MS = 30 * 24 * 3_600_000;

export function VitalsCard() {
  const { t } = useTranslation();
  const metrics = useQuery(getMetrics);
  return (
    <Card title={t('vitals.title')}>
      {metrics.isError && <Failed error={metrics.error} />}
      {metrics.data && <Vitals metrics={metrics.data} />}
    </Card>
  );
}

function Vitals({ metrics }: { metrics: ServerMetrics }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { site, media, ports, certificate_ends_at } = metrics;
  const load = (cpu: number | null, memory: number | null) =>
    [
      cpu !== null && t('vitals.ofCore', { share: format.percent(cpu / 100) }),
      memory !== null && format.bytes(memory),
    ]
      .filter(Boolean)
      .join(' · ') || t('vitals.unknown');
  const ends = certificate_ends_at !== null && certificate_ends_at - Date.now() < MONTH_MS;
  return (
    <>
      {ends && (
        <Notice tone="warn">
          {t('vitals.certificateEnds', { when: format.date(certificate_ends_at) })}
        </Notice>
      )}
      {(media.dropped_datagrams ?? 0) > 0 && (
        <Notice tone="warn">{t('vitals.dropped', { count: media.dropped_datagrams ?? 0 })}</Notice>
      )}
      <dl className={pageStyles.facts}>
        <dt>{t('vitals.latency')}</dt>
        <dd>
          {media.latency_ms === null
            ? t('vitals.noAnswer')
            : t('vitals.ms', { ms: format.number(Math.round(media.latency_ms * 10) / 10) })}
        </dd>
        <dt>{t('vitals.site')}</dt>
        <dd>{load(site.cpu_percent, site.memory_bytes)}</dd>
        <dt>{t('vitals.media')}</dt>
        <dd>{load(media.cpu_percent, media.memory_bytes)}</dd>
        <dt>{t('vitals.files')}</dt>
        <dd>
          {site.open_files === null
            ? t('vitals.unknown')
            : t('admin.ofQuota', {
                taken: format.number(site.open_files),
                quota: format.number(site.most_files ?? 0),
              })}
        </dd>
        <dt>{t('vitals.dataFree')}</dt>
        <dd>
          {metrics.data_free_bytes === null
            ? t('vitals.unknown')
            : format.bytes(metrics.data_free_bytes)}
        </dd>
        <dt>{t('vitals.ports')}</dt>
        <dd>
          <ul className={pageStyles.plainList}>
            {ports.map(({ port, protocol, carries }) => (
              <li key={`${protocol} ${port} ${carries}`}>
                {`${protocol.toUpperCase()} ${port} – ${t(`vitals.carries.${carries}`)}`}
              </li>
            ))}
          </ul>
        </dd>
        <dt>{t('vitals.certificate')}</dt>
        <dd>
          {certificate_ends_at === null
            ? t('vitals.noCertificate')
            : t('admin.expires', { when: format.date(certificate_ends_at) })}
        </dd>
      </dl>
    </>
  );
}
