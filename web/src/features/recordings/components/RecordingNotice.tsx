/** Says once, aloud and in writing, that a recording begins, goes on already or has ended, and offers to leave. */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../primitives/Button';
import type { CallRecording } from '../hooks/useCallRecording';
import styles from './Recordings.module.css';

type Said = 'begun' | 'goesOn' | 'ended';
const ENDED_SHOWN_MS = 8_000;

export function RecordingNotice({
  state,
  onLeave,
}: {
  state: CallRecording['state'];
  onLeave: () => void;
}) {
  const { t } = useTranslation();
  const [said, setSaid] = useState<Said | null>(null);
  const recorded = state === 'on';
  const before = useRef<boolean | null>(null);
  // After the first paint, so that a screen reader sees the sentence come.
  useEffect(() => {
    const late = before.current === null;
    if (recorded && !before.current) setSaid(late ? 'goesOn' : 'begun');
    if (!recorded && before.current) setSaid('ended');
    before.current = recorded;
  }, [recorded]);
  useEffect(() => {
    if (said !== 'ended') return;
    const timer = setTimeout(() => setSaid(null), ENDED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <div className={said === null ? undefined : styles.strip} data-said={said ?? 'nothing'}>
      <p role="status" aria-live="assertive">
        {said !== null && t(`recording.notice.${said}`)}
      </p>
      {said !== null && (
        <div className={styles.stripActions}>
          {said !== 'ended' && (
            <Button small onPress={onLeave}>
              {t('call.leaveCall')}
            </Button>
          )}
          <Button small look="quiet" onPress={() => setSaid(null)}>
            {t('recording.understood')}
          </Button>
        </div>
      )}
    </div>
  );
}
