/** Says to whoever presents that they do, and stops it: they do not see their own screen. */
import { MonitorUp } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../primitives/Button';
import styles from './Call.module.css';

export function Presenting({ onStop }: { onStop: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={styles.presenting}>
      <MonitorUp size={18} aria-hidden="true" />
      <span role="status">{t('call.presenting')}</span>
      <Button look="stop" onPress={onStop}>
        {t('call.stopPresenting')}
      </Button>
    </div>
  );
}
