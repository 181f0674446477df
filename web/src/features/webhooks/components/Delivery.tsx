/** One delivery: what was sent, and what the receiver said to each attempt. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { DeliveryState, Webhook } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { DialogActions } from '../../../primitives/Dialog';
import { Badge, type Tone } from '../../../primitives/Notice';
import { Failed, Loading, pageStyles } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { useFormat } from '../../../primitives/useFormat';
import { readDelivery } from '../api/readDelivery';
import { replayDelivery } from '../api/replayDelivery';
import styles from './Webhooks.module.css';

export function Delivery({
  of,
  id,
  tones,
  onBack,
}: {
  of: Webhook;
  id: string;
  tones: Record<DeliveryState, Tone | 'neutral'>;
  onBack: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const queryClient = useQueryClient();
  const read = useQuery(readDelivery(of.id, id));
  const { run, pending, failure } = useAction(async () => {
    await replayDelivery(of.id, id);
    await queryClient.invalidateQueries({ queryKey: ['admin', 'webhooks', of.id] });
  });
  if (read.isPending) return <Loading />;
  if (!read.data) return <Failed error={read.error} retry={() => void read.refetch()} />;
  const delivery = read.data;
  return (
    <div className={pageStyles.stack}>
      <div className={pageStyles.itemTitle}>
        {delivery.type}
        <Badge tone={tones[delivery.state]}>{t(`webhooks.state.${delivery.state}`)}</Badge>
      </div>
      {delivery.next_attempt_at !== null && (
        <p className={pageStyles.itemHint}>
          {t('webhooks.next', { when: format.dateTime(delivery.next_attempt_at) })}
        </p>
      )}
      <section aria-label={t('webhooks.body')}>
        <h3>{t('webhooks.body')}</h3>
        <pre className={styles.text}>
          {Object.entries(delivery.headers)
            .map(([name, value]) => `${name}: ${value}\n`)
            .join('')}
          {`\n${JSON.stringify(JSON.parse(delivery.body), null, 2)}`}
        </pre>
      </section>
      <section aria-label={t('webhooks.answers')}>
        <h3>{t('webhooks.answers')}</h3>
        <ul className={pageStyles.list}>
          {delivery.tries.map((attempt) => (
            <li key={attempt.number} className={pageStyles.item}>
              <div className={pageStyles.itemText}>
                <div className={pageStyles.itemTitle}>
                  {attempt.error ?? attempt.status}
                  <span className={pageStyles.itemHint}>
                    {t('webhooks.at', {
                      when: format.dateTime(attempt.at),
                      ms: attempt.duration_ms,
                    })}
                  </span>
                </div>
                {attempt.answer && <pre className={styles.text}>{attempt.answer}</pre>}
              </div>
            </li>
          ))}
        </ul>
      </section>
      {read.isError && <Failed error={read.error} retry={() => void read.refetch()} />}
      {failure !== null && <Failed error={failure} />}
      <DialogActions>
        <Button onPress={onBack}>
          <ArrowLeft size={16} aria-hidden="true" />
          {t('webhooks.back')}
        </Button>
        <Button look="primary" isPending={pending} onPress={() => void run()}>
          {delivery.next_attempt_at === null ? t('webhooks.replay') : t('webhooks.now')}
        </Button>
      </DialogActions>
    </div>
  );
}
