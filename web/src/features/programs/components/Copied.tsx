/** A text to be copied: read-only, with a button that does it. */
import { Copy } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../primitives/Button';
import { copyText } from '../../../primitives/copyText';
import { TextField } from '../../../primitives/Field';
import { toast } from '../../../primitives/Toasts';
import { useShownOnce } from '../../../primitives/useShownOnce';
import styles from './Programs.module.css';

export function Copied({
  label,
  text,
  once = false,
}: {
  label: string;
  text: string;
  /** Whether nobody can see it again. */
  once?: boolean;
}) {
  const { t } = useTranslation();
  const taken = useShownOnce(once ? text : null);
  const copy = async () => {
    const copied = await copyText(text);
    if (copied) taken();
    toast(copied ? t('programs.copied') : text);
  };
  return (
    <div className={styles.copied}>
      <TextField label={label} value={text} isReadOnly />
      <Button small aria-label={t('programs.copyOf', { what: label })} onPress={() => void copy()}>
        <Copy size={16} aria-hidden="true" />
        {t('programs.copy')}
      </Button>
    </div>
  );
}
