/** Bars that move with the voice, to see that the microphone hears. */
import { useTranslation } from 'react-i18next';
import { useLevel } from '../hooks/useLevel';
import styles from './Devices.module.css';

const BARS = [0.08, 0.22, 0.36, 0.5, 0.64, 0.78];

export function LevelMeter({ track }: { track: MediaStreamTrack | undefined }) {
  const { t } = useTranslation();
  const level = useLevel(track);
  return (
    // biome-ignore lint/a11y/useSemanticElements: the native meter can't be drawn as bars in every browser.
    <div
      className={styles.meter}
      role="meter"
      aria-label={t('devices.level')}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(level * 100)}
    >
      {BARS.map((threshold) => (
        <span key={threshold} data-on={level > threshold} />
      ))}
    </div>
  );
}
