/** One webhook in the table: where it leads, how it fares, and what can be done with it. */
import { Ellipsis } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { problemText } from '../../../api/problem';
import type { Webhook } from '../../../api/types';
import { Button, IconButton } from '../../../primitives/Button';
import { Menu } from '../../../primitives/Menu';
import { Badge } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { toast } from '../../../primitives/Toasts';
import { useFormat } from '../../../primitives/useFormat';
import { updateWebhook } from '../api/updateWebhook';
import styles from './Webhooks.module.css';

export type Doing = 'edit' | 'log' | 'test' | 'rotate' | 'replay' | 'delete';

export function AddressCell({ of }: { of: Webhook }) {
  const { t } = useTranslation();
  const paused = of.paused_at !== null;
  return (
    <>
      <div className={`${pageStyles.itemTitle} ${styles.address}`}>
        {of.url}
        {paused && <Badge tone="warn">{t('webhooks.paused')}</Badge>}
        {!paused && of.failing_since !== null && (
          <Badge tone="danger">{t('webhooks.failing')}</Badge>
        )}
      </div>
      {of.description && <div className={pageStyles.itemHint}>{of.description}</div>}
      {of.paused_because && (
        <div className={pageStyles.itemHint}>{t(`webhooks.because.${of.paused_because}`)}</div>
      )}
    </>
  );
}

export function EventsCell({ of }: { of: Webhook }) {
  const { t } = useTranslation();
  return [
    of.events.length === 0 ? t('webhooks.allEvents') : of.events.join(', '),
    of.rooms.length > 0 && t('webhooks.ofRooms', { count: of.rooms.length }),
  ]
    .filter(Boolean)
    .join(' · ');
}

export function ResultCell({ of }: { of: Webhook }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (of.last_attempt_at === null) return t('webhooks.neverSent');
  const when = format.dateTime(of.last_attempt_at);
  return of.last_error === null
    ? t('webhooks.lastTaken', { when })
    : t('webhooks.lastFailed', { when, why: of.last_error });
}

export function WebhookActions({
  of,
  onDo,
  onChanged,
}: {
  of: Webhook;
  onDo: (what: Doing) => void;
  onChanged: () => void;
}) {
  const { t } = useTranslation();
  const { host } = new URL(of.url);
  const paused = of.paused_at !== null;
  const pause = () =>
    updateWebhook(of.id, { paused: !paused }).then(onChanged, (error) => toast(problemText(error)));
  return (
    <div className={styles.actions}>
      <Button small aria-label={t('webhooks.testOf', { host })} onPress={() => onDo('test')}>
        {t('webhooks.test')}
      </Button>
      <Button small aria-label={t('webhooks.logOf', { host })} onPress={() => onDo('log')}>
        {t('webhooks.log')}
      </Button>
      <Menu
        label={t('webhooks.more', { host })}
        trigger={
          <IconButton small label={t('webhooks.more', { host })}>
            <Ellipsis size={18} aria-hidden="true" />
          </IconButton>
        }
        actions={[
          { id: 'edit', label: t('webhooks.edit'), run: () => onDo('edit') },
          {
            id: 'pause',
            label: paused ? t('webhooks.resume') : t('webhooks.pause'),
            run: () => void pause(),
          },
          { id: 'rotate', label: t('webhooks.rotate'), run: () => onDo('rotate') },
          { id: 'replay', label: t('webhooks.replaySince'), run: () => onDo('replay') },
          { id: 'delete', label: t('common.delete'), danger: true, run: () => onDo('delete') },
        ]}
      />
    </div>
  );
}
