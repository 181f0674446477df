/** What the server and its children logged last; it follows, until it is held still. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogLevel, LogLine } from '../../../api/types';
import { Select, TextField } from '../../../primitives/Field';
import { LiveRefresh } from '../../../primitives/LiveRefresh';
import { Badge, type Tone } from '../../../primitives/Notice';
import { Card, Empty, Failed, Loading } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { readLog } from '../api/readLog';
import styles from './System.module.css';

const LEVELS = ['error', 'warn', 'info', 'trace'] as const satisfies LogLevel[];
const TONES: Partial<Record<LogLevel, Tone>> = { error: 'danger', warn: 'warn' };

export function LogCard() {
  const { t } = useTranslation();
  const [level, setLevel] = useState<LogLevel>('info');
  const [text, setText] = useState('');
  const [paused, setPaused] = useState(false);
  const wanted = useDeferredValue(text.trim());
  const lines = useQuery({
    ...readLog(level, wanted, paused),
    placeholderData: keepPreviousData,
  });
  return (
    <Card
      title={t('system.log')}
      lead={t('system.logLead')}
      actions={
        <LiveRefresh
          paused={paused}
          lost={lines.isError}
          updatedAt={lines.dataUpdatedAt}
          onChange={setPaused}
        />
      }
    >
      <div className={styles.filters}>
        <TextField
          label={t('system.searchLog')}
          hideLabel
          placeholder={t('system.searchLog')}
          value={text}
          onChange={setText}
        />
        <Select
          label={t('system.level')}
          hideLabel
          choices={LEVELS.map((id) => ({ id, label: t(`system.levels.${id}`) }))}
          value={level}
          onChange={(id) => setLevel(id as LogLevel)}
        />
      </div>
      {lines.isPending && <Loading />}
      {lines.isError && <Failed error={lines.error} retry={() => void lines.refetch()} />}
      {lines.data?.length === 0 && <Empty>{t('system.noLines')}</Empty>}
      <ol className={styles.lines} aria-label={t('system.log')}>
        {lines.data?.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be the same in every word
          <Line key={index} of={line} />
        ))}
      </ol>
    </Card>
  );
}

function Line({ of: { at, level, target, message, fields } }: { of: LogLine }) {
  const format = useFormat();
  return (
    <li className={styles.line}>
      <time dateTime={new Date(at).toISOString()}>{format.exactDateTime(at)}</time>
      <span>
        <Badge tone={TONES[level]}>{level}</Badge>
      </span>
      <span className={styles.said}>
        {message}
        <small>{[target, fields].filter(Boolean).join(' · ')}</small>
      </span>
    </li>
  );
}
