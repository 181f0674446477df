/** Webhooks: make one, try it, look at what became of each event, pause it, delete it. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Webhook } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { Confirm, Dialog } from '../../../primitives/Dialog';
import { Card } from '../../../primitives/Page';
import { PagedList } from '../../../primitives/PagedList';
import { deleteWebhook } from '../api/deleteWebhook';
import { listWebhooks } from '../api/listWebhooks';
import { DeliveryLog } from './DeliveryLog';
import { ReplaySince } from './ReplaySince';
import { RotateSecret } from './RotateSecret';
import { TestWebhook } from './TestWebhook';
import { WebhookForm } from './WebhookForm';
import { type Doing, WebhookItem } from './WebhookItem';

export function WebhooksCard() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const webhooks = useInfiniteQuery(listWebhooks);
  const [making, setMaking] = useState(false);
  const [doing, setDoing] = useState<{ what: Doing; of: Webhook } | null>(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: listWebhooks.queryKey });
  const done = () => setDoing(null);
  return (
    <Card
      title={t('webhooks.title')}
      lead={t('webhooks.lead')}
      actions={
        <Button look="primary" small onPress={() => setMaking(true)}>
          <Plus size={18} aria-hidden="true" />
          {t('webhooks.new')}
        </Button>
      }
    >
      <PagedList pages={webhooks} empty={t('webhooks.none')}>
        {(items) =>
          items.map((webhook) => (
            <WebhookItem
              key={webhook.id}
              of={webhook}
              onDo={(what) => setDoing({ what, of: webhook })}
              onChanged={() => void refresh()}
            />
          ))
        }
      </PagedList>
      <Dialog title={t('webhooks.new')} isOpen={making} onClose={() => setMaking(false)} wide>
        <WebhookForm onDone={() => void refresh()} onClose={() => setMaking(false)} />
      </Dialog>
      {doing && <Doings {...doing} onChanged={() => void refresh()} onClose={done} />}
    </Card>
  );
}

/** What is being done with one webhook, in a dialog. */
function Doings({
  what,
  of,
  onChanged,
  onClose,
}: {
  what: Doing;
  of: Webhook;
  onChanged: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const host = new URL(of.url).host;
  if (what === 'delete') {
    return (
      <Confirm
        isOpen
        title={t('webhooks.deleteTitle', { host })}
        text={t('webhooks.deleteText')}
        action={t('common.delete')}
        onClose={onClose}
        onConfirm={async () => {
          await deleteWebhook(of.id);
          onChanged();
        }}
      />
    );
  }
  const titles = {
    rotate: t('webhooks.rotateTitle', { host }),
    edit: t('webhooks.edit'),
    log: t('webhooks.logOf', { host }),
    test: t('webhooks.testOf', { host }),
    replay: t('webhooks.replaySince'),
  };
  return (
    <Dialog title={titles[what]} isOpen onClose={onClose} wide>
      {what === 'rotate' && <RotateSecret of={of} onDone={onChanged} onClose={onClose} />}
      {what === 'edit' && <WebhookForm of={of} onDone={onChanged} onClose={onClose} />}
      {what === 'log' && <DeliveryLog of={of} />}
      {what === 'test' && <TestWebhook of={of} />}
      {what === 'replay' && <ReplaySince of={of} onClose={onClose} />}
    </Dialog>
  );
}
