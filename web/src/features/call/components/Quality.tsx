/** That somebody's connection is weak or lost; a good one is no news. */
import { ConnectionQuality } from 'livekit-client';
import { SignalLow, SignalZero } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import styles from './Stage.module.css';

export function Quality({ quality }: { quality: ConnectionQuality }) {
  const { t } = useTranslation();
  if (quality !== ConnectionQuality.Poor && quality !== ConnectionQuality.Lost) return null;
  const poor = quality === ConnectionQuality.Poor;
  const Icon = poor ? SignalLow : SignalZero;
  const label = t(poor ? 'call.qualityPoor' : 'call.qualityLost');
  return <Icon size={15} role="img" aria-label={label} className={styles.quality} />;
}
