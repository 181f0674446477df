/** Which key does what, and the switch that turns them off. */
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../../primitives/Dialog';
import { Switch } from '../../../primitives/Field';
import { KEYS, type Shortcut } from '../hooks/useShortcuts';
import styles from './Call.module.css';

export function ShortcutsDialog({
  isOpen,
  onClose,
  enabled,
  onEnable,
}: {
  isOpen: boolean;
  onClose: () => void;
  enabled: boolean;
  onEnable: (on: boolean) => void;
}) {
  const { t } = useTranslation();
  return (
    <Dialog title={t('shortcuts.title')} isOpen={isOpen} onClose={onClose}>
      <dl className={styles.keys}>
        {(Object.keys(KEYS) as Shortcut[]).map((shortcut) => (
          <div key={shortcut}>
            <dt>
              <kbd>{KEYS[shortcut].toUpperCase()}</kbd>
            </dt>
            <dd>{t(`shortcuts.${shortcut}`)}</dd>
          </div>
        ))}
      </dl>
      <Switch label={t('shortcuts.enabled')} isSelected={enabled} onChange={onEnable} />
    </Dialog>
  );
}
