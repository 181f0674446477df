/** The red sign that everybody in a recorded call sees as long as it is recorded. */
import { Disc } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { CallRecording } from '../hooks/useCallRecording';
import styles from './Recordings.module.css';

export function RecordingSign({ state }: { state: CallRecording['state'] }) {
  const { t } = useTranslation();
  if (state === 'off') return null;
  return (
    <span className={styles.sign} data-testid="recording-sign" data-state={state}>
      <Disc size={14} aria-hidden="true" />
      {t(`recording.sign.${state}`)}
    </span>
  );
}
