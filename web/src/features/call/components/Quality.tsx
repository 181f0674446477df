/** How good somebody's connection is, as bars; nothing while unknown. */
import { ConnectionQuality } from 'livekit-client';
import { Signal, SignalLow, SignalMedium, SignalZero } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import styles from './Stage.module.css';

const LOOKS = {
  [ConnectionQuality.Excellent]: { Icon: Signal, key: 'call.qualityExcellent' },
  [ConnectionQuality.Good]: { Icon: SignalMedium, key: 'call.qualityGood' },
  [ConnectionQuality.Poor]: { Icon: SignalLow, key: 'call.qualityPoor' },
  [ConnectionQuality.Lost]: { Icon: SignalZero, key: 'call.qualityLost' },
} as const;

export function Quality({ quality }: { quality: ConnectionQuality }) {
  const { t } = useTranslation();
  if (quality === ConnectionQuality.Unknown) return null;
  const { Icon, key } = LOOKS[quality];
  return (
    <Icon
      size={14}
      role="img"
      aria-label={t(key)}
      className={styles.quality}
      data-quality={quality}
    />
  );
}
