/** Where a recording is on its way to the film, how far, and in plain words why there is none. */
import { useTranslation } from 'react-i18next';
import type { Recording } from '../../../api/types';
import { Badge, type Tone } from '../../../primitives/Notice';
import { useFormat } from '../../../primitives/useFormat';
import styles from './Recordings.module.css';

const TONES: Record<Recording['state'], Tone | 'neutral'> = {
  starting: 'danger',
  recording: 'danger',
  stopping: 'info',
  composing: 'info',
  processing: 'info',
  completed: 'good',
  failed: 'danger',
  aborted: 'warn',
};

export function StateBadge({ state }: { state: Recording['state'] }) {
  const { t } = useTranslation();
  return <Badge tone={TONES[state]}>{t(`recording.state.${state}`)}</Badge>;
}

/** Nothing of a recording that went well and is there. */
export function RecordingStatus({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const { state, fault } = recording;
  if (state === 'processing') return <Progress recording={recording} />;
  if (state === 'stopping') return <p className={styles.status}>{t('recording.leaving')}</p>;
  if (state === 'composing') {
    const text = recording.has_preview ? 'recording.previewed' : 'recording.preparing';
    return <p className={styles.status}>{t(text)}</p>;
  }
  if (state === 'failed' || state === 'aborted') {
    return <p className={styles.fault}>{t(`recording.fault.${fault ?? 'recorder_failed'}`)}</p>;
  }
  if (state !== 'completed') return null;
  return <AboutFilm recording={recording} />;
}

/** What is to be known of a film that is there. */
function AboutFilm({ recording: { ending, remarks } }: { recording: Recording }) {
  const { t } = useTranslation();
  const why = remarks.length > 0 && (
    <ul className={styles.status} aria-label={t('recording.remarks')}>
      {remarks.map((remark) => (
        <li key={remark} lang="en">
          {remark}
        </li>
      ))}
    </ul>
  );
  return (
    <>
      {ending === 'failure' && <p className={styles.fault}>{t('recording.partial')}</p>}
      {ending === 'limit_reached' && <p className={styles.status}>{t('recording.limited')}</p>}
      {why}
    </>
  );
}

function Progress({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { transfer, size, title } = recording;
  const waiting = transfer?.waiting_since ?? null;
  const share = transfer && size ? Math.min(1, transfer.bytes_done / size) : null;
  return (
    <div className={waiting === null ? styles.status : styles.fault}>
      {waiting === null
        ? share === null
          ? t('recording.storing')
          : t('recording.storingAt', { share: format.percent(share) })
        : t('recording.waiting', { when: format.dateTime(waiting) })}
      <progress
        className={styles.progress}
        aria-label={t('recording.progressOf', { title })}
        value={share ?? undefined}
        max={1}
      />
    </div>
  );
}
