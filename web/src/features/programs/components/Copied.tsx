/** A text to be copied: read-only, with a button that does it. */
import { Copy } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../primitives/Button';
import { copyText } from '../../../primitives/copyText';
import { TextField } from '../../../primitives/Field';
import { toast } from '../../../primitives/Toasts';
import styles from './Programs.module.css';

export function Copied({ label, text }: { label: string; text: string }) {
  const { t } = useTranslation();
  return (
    <div className={styles.copied}>
      <TextField label={label} value={text} isReadOnly />
      <Button
        small
        aria-label={t('programs.copyOf', { what: label })}
        onPress={async () => toast((await copyText(text)) ? t('programs.copied') : text)}
      >
        <Copy size={16} aria-hidden="true" />
        {t('programs.copy')}
      </Button>
    </div>
  );
}
