/** Short messages at the edge of the screen, read out by screen readers and gone by themselves. */
import { X } from 'lucide-react';
import {
  Text,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { IconButton } from './Button';
import styles from './Toasts.module.css';

type Message = { text: string; tone: 'plain' | 'danger' };
const queue = new ToastQueue<Message>({ maxVisibleToasts: 4 });

export function toast(text: string, tone: Message['tone'] = 'plain'): void {
  queue.add({ text, tone }, { timeout: 6_000 });
}

export function Toasts() {
  const { t } = useTranslation();
  return (
    <ToastRegion queue={queue} className={styles.region} aria-label={t('common.notifications')}>
      {({ toast: item }) => (
        <Toast toast={item} className={styles.toast} data-tone={item.content.tone}>
          <ToastContent className={styles.content}>
            {/* A toast is a dialog: its text is its name. */}
            <Text slot="title">{item.content.text}</Text>
          </ToastContent>
          <IconButton slot="close" small round look="quiet" label={t('common.close')}>
            <X size={18} aria-hidden="true" />
          </IconButton>
        </Toast>
      )}
    </ToastRegion>
  );
}
