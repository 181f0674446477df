/** How a meeting went for one person: what was wrong in plain words, the lines behind it, and what changed when. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { StayQuality } from '../../../api/types';
import { Dialog } from '../../../primitives/Dialog';
import { Badge, Notice } from '../../../primitives/Notice';
import { Failed, Loading, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { getPersonQuality } from '../api/getPersonQuality';
import styles from './Quality.module.css';
import { TimelineChart } from './TimelineChart';

export function PersonQualityDialog({
  slug,
  identity,
  name,
  meeting,
  onClose,
}: {
  slug: string;
  identity: string;
  name: string;
  meeting?: string;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const quality = useQuery(getPersonQuality(slug, identity, meeting));
  return (
    <Dialog title={t('quality.of', { name })} isOpen wide onClose={onClose}>
      {quality.isPending && <Loading />}
      {quality.isError && <Failed error={quality.error} />}
      {quality.data && (
        <>
          <p className={pageStyles.lead}>
            {quality.data.keep_days === 0
              ? t('quality.notKept')
              : t('quality.kept', { count: quality.data.keep_days })}
          </p>
          {quality.data.stays.map((stay) => (
            <Stay key={stay.joined_at} stay={stay} />
          ))}
        </>
      )}
    </Dialog>
  );
}

function Stay({ stay }: { stay: StayQuality }) {
  const { t } = useTranslation();
  const format = useFormat();
  const came = [stay.os, stay.browser, stay.sdk].filter((word) => word !== null);
  return (
    <section className={styles.stay} aria-label={format.dateTime(stay.joined_at)}>
      <h3>
        {format.dateTime(stay.joined_at)} –{' '}
        {stay.left_at === null ? t('quality.now') : format.exactTime(stay.left_at)}
      </h3>
      <div className={pageStyles.row}>
        {stay.ice_route && <Badge>{t(`quality.route.${stay.ice_route}`, stay.ice_route)}</Badge>}
        {came.map((word) => (
          <Badge key={word}>{t(`usage.word.${word}`, word)}</Badge>
        ))}
      </div>
      <Verdicts stay={stay} />
      <Lines title={t('quality.byPage')} samples={stay.samples} />
      <Lines title={t('quality.byServer')} samples={stay.server_samples} />
      <Events stay={stay} />
    </section>
  );
}

function Verdicts({ stay }: { stay: StayQuality }) {
  const { t } = useTranslation();
  const format = useFormat();
  const unknown = stay.samples.length === 0 && stay.server_samples.length === 0;
  if (unknown) return <Notice tone="info">{t('quality.noSamples')}</Notice>;
  if (stay.verdicts.length === 0) return <Notice tone="good">{t('quality.allGood')}</Notice>;
  return (
    <ul className={styles.verdicts} aria-label={t('quality.verdicts')}>
      {stay.verdicts.map(({ trouble, from, to, value }) => (
        <li key={`${trouble} ${from}`}>
          <span className={styles.time}>
            {format.exactTime(from)} – {format.exactTime(to)}
          </span>{' '}
          {t(`quality.trouble.${trouble}`, {
            share: format.percent(value / 1_000),
            ms: format.number(value),
            seconds: format.number(Math.round(value / 100) / 10),
          })}
        </li>
      ))}
    </ul>
  );
}

/** The media server does not see what stood still on a screen. */
type Sample = StayQuality['server_samples'][number] & { frozen?: number };

function Lines({ title, samples }: { title: string; samples: Sample[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const charts = useMemo(() => {
    const up = { color: '--chart-first' };
    const down = { color: '--chart-second', dash: [6, 3] };
    const jitter = { color: '--chart-third', dash: [2, 3] };
    const of = (pick: (sample: Sample) => number | null) => samples.map(pick);
    return [
      {
        id: 'loss',
        least: 50,
        title: t('quality.loss'),
        value: (value: number) => format.percent(value / 1_000),
        lines: [
          { ...up, label: t('quality.sent'), values: of(({ loss_up }) => loss_up) },
          { ...down, label: t('quality.received'), values: of(({ loss_down }) => loss_down) },
        ],
      },
      {
        id: 'delay',
        least: 100,
        title: t('quality.delay'),
        value: (value: number) => t('vitals.ms', { ms: format.number(value) }),
        lines: [
          { ...up, label: t('quality.rtt'), values: of(({ rtt }) => rtt) },
          { ...jitter, label: t('quality.jitter'), values: of(({ jitter }) => jitter) },
        ],
      },
      {
        id: 'rate',
        least: 100_000,
        title: t('quality.rate'),
        value: format.bits,
        lines: [
          { ...up, label: t('quality.sent'), values: of(({ bitrate_up }) => bitrate_up) },
          { ...down, label: t('quality.received'), values: of(({ bitrate_down }) => bitrate_down) },
        ],
      },
    ];
  }, [samples, format, t]);
  const times = useMemo(() => samples.map(({ at }) => at), [samples]);
  if (samples.length === 0) return null;
  const tellsFrozen = samples.some(({ frozen }) => frozen !== undefined);
  const asTable = `${t('quality.asTable')} (${title})`;
  return (
    <section className={styles.stay} aria-label={title}>
      <h4>{title}</h4>
      {charts.map(({ id, title, lines, least, value }) => (
        <figure key={id} style={{ margin: 0, minWidth: 0 }}>
          <figcaption>
            <h5>{title}</h5>
          </figcaption>
          <TimelineChart {...{ times, lines, least, value }} time={format.exactTime} />
        </figure>
      ))}
      <details>
        <summary>{t('quality.asTable')}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
        <section className={styles.tableBox} aria-label={asTable} tabIndex={0}>
          <table className={styles.table}>
            <caption className="visually-hidden">{asTable}</caption>
            <thead>
              <tr>
                <th scope="col">{t('usage.when')}</th>
                <th scope="col">{t('quality.lossUp')}</th>
                <th scope="col">{t('quality.lossDown')}</th>
                <th scope="col">{t('quality.rtt')}</th>
                <th scope="col">{t('quality.jitter')}</th>
                <th scope="col">{t('quality.rateUp')}</th>
                <th scope="col">{t('quality.rateDown')}</th>
                {tellsFrozen && <th scope="col">{t('quality.frozen')}</th>}
              </tr>
            </thead>
            <tbody>
              {samples.map((sample) => (
                <tr key={sample.at}>
                  <th scope="row">{format.exactTime(sample.at)}</th>
                  <td>{share(sample.loss_up, format.percent)}</td>
                  <td>{share(sample.loss_down, format.percent)}</td>
                  <td>{sample.rtt ?? '–'}</td>
                  <td>{sample.jitter ?? '–'}</td>
                  <td>{format.bits(sample.bitrate_up)}</td>
                  <td>{format.bits(sample.bitrate_down)}</td>
                  {sample.frozen !== undefined && <td>{format.number(sample.frozen)}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </section>
  );
}

const share = (thousandths: number | null, percent: (share: number) => string) =>
  thousandths === null ? '–' : percent(thousandths / 1_000);

/** From their coming to their leaving. */
function Events({ stay }: { stay: StayQuality }) {
  const { t } = useTranslation();
  const format = useFormat();
  const reason = stay.left_reason;
  return (
    <ul className={styles.events} aria-label={t('quality.events')}>
      <li>
        <span className={styles.time}>{format.exactTime(stay.joined_at)}</span>{' '}
        {t('quality.joined')}
      </li>
      {stay.events.map((event) => (
        <li key={`${event.at} ${event.kind}`}>
          <span className={styles.time}>{format.exactTime(event.at)}</span>{' '}
          {t(`quality.event.${event.kind}`)}
        </li>
      ))}
      {stay.left_at !== null && (
        <li>
          <span className={styles.time}>{format.exactTime(stay.left_at)}</span>{' '}
          {reason === null
            ? t('quality.left')
            : t('quality.leftBecause', {
                reason: t(`usage.word.${reason}`, reason.replaceAll('_', ' ')),
              })}
        </li>
      )}
    </ul>
  );
}
