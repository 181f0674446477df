/** What went on in a range that the address names: charts, how people were connected, with what they came. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import type { ClientShare, Usage } from '../../../api/types';
import { Select } from '../../../primitives/Field';
import { Card, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { getUsage } from '../api/getUsage';
import { filled, RANGE_IDS, type RangeId, rangeOf } from '../range';
import { LineChart } from './LineChart';
import styles from './Usage.module.css';

const RANGE = 'range';
const NOTHING = {
  people: 0,
  rooms: 0,
  tracks: 0,
  bytes_in: 0,
  bytes_out: 0,
  connected: 0,
  aborted: 0,
};

export function UsageCards() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const range = rangeOf(search.get(RANGE));
  const usage = useQuery(getUsage(range));
  const choose = (id: string) => {
    const next = new URLSearchParams(search);
    next.set(RANGE, id);
    setSearch(next, { replace: true });
  };
  return (
    <Card
      title={t('usage.title')}
      actions={
        <Select
          label={t('usage.range')}
          value={range}
          hideLabel
          choices={RANGE_IDS.map((id) => ({ id, label: t(`usage.ranges.${id}`) }))}
          onChange={choose}
        />
      }
    >
      {usage.isPending && <Loading />}
      {usage.isError && <Failed error={usage.error} />}
      {usage.data && <Charts usage={usage.data} range={range} />}
    </Card>
  );
}

function Charts({ usage, range }: { usage: Usage & { from: number; to: number }; range: RangeId }) {
  const { t } = useTranslation();
  const format = useFormat();
  const points = filled(usage.points, usage, NOTHING);
  // The last point still grows.
  const secondsOf = (at: number) =>
    Math.max(1, Math.min(usage.step * 60, (Date.now() - at) / 1_000));
  const short = range === '1h' || range === '24h';
  const when = (at: number) => (short ? format.time(at) : format.dateTime(at));
  const tried = usage.connected + usage.aborted;
  const figures = [
    {
      label: t('usage.success'),
      value: tried === 0 ? '–' : format.percent(usage.connected / tried),
    },
    { label: t('usage.connected'), value: format.number(usage.connected) },
    { label: t('usage.aborted'), value: format.number(usage.aborted) },
    { label: t('usage.minutes'), value: format.number(usage.connection_minutes) },
  ];
  const count = (value: number) => format.number(value);
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
      <LineChart
        title={t('usage.people')}
        points={points}
        series={[
          { id: 'people', label: t('usage.inCalls'), of: ({ people }) => people },
          { id: 'rooms', label: t('usage.rooms'), of: ({ rooms }) => rooms },
        ]}
        whole
        value={count}
        when={when}
      />
      <LineChart
        title={t('usage.tracks')}
        points={points}
        series={[{ id: 'tracks', label: t('usage.tracks'), of: ({ tracks }) => tracks }]}
        whole
        value={count}
        when={when}
      />
      <LineChart
        title={t('usage.traffic')}
        points={points}
        series={[
          {
            id: 'out',
            label: t('usage.out'),
            of: ({ at, bytes_out }) => (bytes_out * 8) / secondsOf(at),
          },
          {
            id: 'in',
            label: t('usage.in'),
            of: ({ at, bytes_in }) => (bytes_in * 8) / secondsOf(at),
          },
        ]}
        value={format.bits}
        when={when}
      />
      <div className={styles.shares}>
        <Shares title={t('usage.platforms')} shares={usage.platforms} />
        <Shares title={t('usage.browsers')} shares={usage.browsers} />
        <Shares title={t('usage.sdks')} shares={usage.sdks} />
        <Shares title={t('usage.connectionTypes')} shares={usage.connection_types} />
        <Shares title={t('usage.disconnectReasons')} shares={usage.disconnect_reasons} />
      </div>
    </>
  );
}

function Shares({ title, shares }: { title: string; shares: ClientShare[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const all = shares.reduce((sum, { count }) => sum + count, 0);
  // What says nothing of itself and what is not on record are the same to a reader.
  const byWord = new Map<string, number>();
  for (const { name, count } of shares) {
    const word = name ?? 'unknown';
    byWord.set(word, (byWord.get(word) ?? 0) + count);
  }
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {all === 0 && <p className={styles.quiet}>{t('usage.nothing')}</p>}
      <ul>
        {[...byWord].map(([word, count]) => {
          const label = t(`usage.word.${word}`, word.replaceAll('_', ' '));
          return (
            <li key={word} className={styles.share}>
              <span>{label}</span>
              <span>
                {format.number(count)} · {format.percent(count / all)}
              </span>
              <meter min={0} max={all} value={count} aria-label={label} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}
