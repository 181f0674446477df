/** Webhooks: make one, find it, try it, look at what became of each event, pause it, delete it. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Webhook } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { type DataColumn, DataTable } from '../../../primitives/DataTable';
import { Confirm, Dialog } from '../../../primitives/Dialog';
import { TextField } from '../../../primitives/Field';
import { Card, Empty, Failed, Loading } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { useList } from '../../../primitives/useList';
import { deleteWebhook } from '../api/deleteWebhook';
import { listWebhooks } from '../api/listWebhooks';
import { arranged } from '../arrange';
import { DeliveryLog } from './DeliveryLog';
import { ReplaySince } from './ReplaySince';
import { RotateSecret } from './RotateSecret';
import { TestWebhook } from './TestWebhook';
import { AddressCell, type Doing, EventsCell, ResultCell, WebhookActions } from './WebhookCells';
import { WebhookForm } from './WebhookForm';

export function WebhooksCard() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const webhooks = useQuery(listWebhooks);
  const list = useList({ filters: ['query'], order: { sort: 'created', direction: 'desc' } });
  const query = list.chosen.query ?? '';
  const shown = arranged(webhooks.data?.items ?? [], query, list.order);
  const columns = useColumns();
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
      {webhooks.isPending && <Loading />}
      {webhooks.isError && <Failed error={webhooks.error} retry={() => void webhooks.refetch()} />}
      {webhooks.data?.items.length === 0 && <Empty>{t('webhooks.none')}</Empty>}
      {webhooks.data && webhooks.data.items.length > 0 && (
        <>
          <TextField
            label={t('webhooks.search')}
            placeholder={t('webhooks.search')}
            hideLabel
            type="search"
            value={query}
            onChange={(text) => list.set('query', text, true)}
          />
          {shown.length === 0 ? (
            <Empty>{t('admin.noneFound')}</Empty>
          ) : (
            <DataTable
              label={t('webhooks.title')}
              columns={columns}
              rows={shown}
              order={list.order}
              onSort={list.sortBy}
              actions={(of) => (
                <WebhookActions
                  of={of}
                  onDo={(what) => setDoing({ what, of })}
                  onChanged={() => void refresh()}
                />
              )}
            />
          )}
        </>
      )}
      <Dialog title={t('webhooks.new')} isOpen={making} onClose={() => setMaking(false)} wide>
        <WebhookForm onDone={() => void refresh()} onClose={() => setMaking(false)} />
      </Dialog>
      {doing && <Doings {...doing} onChanged={() => void refresh()} onClose={done} />}
    </Card>
  );
}

function useColumns(): DataColumn<Webhook>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      id: 'address',
      label: t('webhooks.url'),
      sorts: 'asc',
      cell: (of) => <AddressCell of={of} />,
    },
    { id: 'events', label: t('webhooks.events'), cell: (of) => <EventsCell of={of} /> },
    {
      id: 'attempt',
      label: t('webhooks.result'),
      sorts: 'desc',
      cell: (of) => <ResultCell of={of} />,
    },
    {
      id: 'created',
      label: t('person.created'),
      sorts: 'desc',
      cell: ({ created_at }) => format.date(created_at),
    },
  ];
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
