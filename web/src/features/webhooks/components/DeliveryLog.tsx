/** What was sent to a webhook: a list that is narrowed by what became of it, and each one whole. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeliveryState, Webhook } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { Select } from '../../../primitives/Field';
import { Badge, type Tone } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { PagedList } from '../../../primitives/PagedList';
import { useFormat } from '../../../primitives/useFormat';
import { listDeliveries } from '../api/listDeliveries';
import { Delivery } from './Delivery';

const STATES: DeliveryState[] = ['pending', 'failed', 'delivered', 'dead'];
const TONES: Record<DeliveryState, Tone | 'neutral'> = {
  pending: 'neutral',
  failed: 'warn',
  delivered: 'good',
  dead: 'danger',
};

export function DeliveryLog({ of }: { of: Webhook }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [state, setState] = useState<DeliveryState | undefined>();
  const [shown, setShown] = useState<string | null>(null);
  const deliveries = useInfiniteQuery(listDeliveries(of.id, state));
  if (shown !== null) {
    return <Delivery of={of} id={shown} tones={TONES} onBack={() => setShown(null)} />;
  }
  return (
    <div className={pageStyles.stack}>
      <Select
        label={t('webhooks.show')}
        value={state ?? 'all'}
        onChange={(chosen) => setState(STATES.find((known) => known === chosen))}
        choices={[
          { id: 'all', label: t('webhooks.all') },
          ...STATES.map((id) => ({ id, label: t(`webhooks.state.${id}`) })),
        ]}
      />
      <PagedList pages={deliveries} empty={t('webhooks.noDeliveries')}>
        {(items) =>
          items.map((delivery) => (
            <li key={delivery.id} className={pageStyles.item}>
              <div className={pageStyles.itemText}>
                <div className={pageStyles.itemTitle}>
                  {delivery.type}
                  <Badge tone={TONES[delivery.state]}>
                    {t(`webhooks.state.${delivery.state}`)}
                  </Badge>
                </div>
                <div className={pageStyles.itemHint}>
                  {[
                    format.dateTime(delivery.happened_at),
                    t('webhooks.attempts', { count: delivery.attempts }),
                    delivery.last_error ?? delivery.last_status,
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </div>
              </div>
              <Button
                small
                aria-label={t('webhooks.detailsOf', { type: delivery.type })}
                onPress={() => setShown(delivery.id)}
              >
                {t('webhooks.details')}
              </Button>
            </li>
          ))
        }
      </PagedList>
    </div>
  );
}
