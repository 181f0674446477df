/** An id, with a button that copies it. */
import { Copy } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from './Button';
import styles from './CopyId.module.css';
import { copyText } from './copyText';
import { toast } from './Toasts';

export function CopyId({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <span className={styles.id}>
      <code>{text}</code>
      <IconButton
        small
        round
        look="quiet"
        label={t('programs.copyOf', { what: text })}
        onPress={async () => toast((await copyText(text)) ? t('programs.copied') : text)}
      >
        <Copy size={14} aria-hidden="true" />
      </IconButton>
    </span>
  );
}
