/** Says whether the page is live, since when what it shows is so, and pauses it. */
import { Pause, Play } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from './Button';
import styles from './LiveRefresh.module.css';
import { useFormat } from './useFormat';

export function LiveRefresh({
  paused,
  lost,
  updatedAt,
  onChange,
}: {
  paused: boolean;
  /** What is shown is what was so before: the server could not be asked since. */
  lost: boolean;
  /** When what is shown came; 0: nothing yet. */
  updatedAt: number;
  onChange: (paused: boolean) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className={styles.refresh}>
      <span className={styles.dot} data-paused={paused || lost || undefined} aria-hidden="true" />
      <span>{t(`live.${paused ? 'paused' : lost ? 'lost' : 'live'}`)}</span>
      {updatedAt > 0 && (
        <span className={styles.quiet}>
          {t('live.updated', { when: format.exactTime(updatedAt) })}
        </span>
      )}
      <Button small onPress={() => onChange(!paused)}>
        {paused ? <Play size={16} aria-hidden="true" /> : <Pause size={16} aria-hidden="true" />}
        {paused ? t('live.resume') : t('live.pause')}
      </Button>
    </div>
  );
}
