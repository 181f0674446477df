/** What the server answered, word for word. */
import { useTranslation } from 'react-i18next';
import { Button } from './Button';
import { copyText } from './copyText';
import { Dialog, DialogActions } from './Dialog';
import styles from './RawDialog.module.css';
import { toast } from './Toasts';

export function RawDialog({
  title,
  value,
  onClose,
}: {
  title: string;
  value: unknown;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const text = JSON.stringify(value, null, 2);
  return (
    <Dialog title={title} isOpen wide onClose={onClose}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <pre className={styles.raw} tabIndex={0}>
        {text}
      </pre>
      <DialogActions>
        <Button
          onPress={async () =>
            toast((await copyText(text)) ? t('programs.copied') : t('problem.unknown'))
          }
        >
          {t('programs.copy')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
