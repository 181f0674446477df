/** API keys: make one, copy its secret while it is shown, find one, revoke it. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Ban, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiKey } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import type { DataColumn } from '../../../primitives/DataTable';
import { Confirm, Dialog } from '../../../primitives/Dialog';
import { ListTable } from '../../../primitives/ListTable';
import { Badge } from '../../../primitives/Notice';
import { Card, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { useList } from '../../../primitives/useList';
import { useMay } from '../../auth';
import { API_KEYS, listApiKeys } from '../api/listApiKeys';
import { revokeApiKey } from '../api/revokeApiKey';
import { NewApiKey } from './NewApiKey';

export function ApiKeysCard() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  const list = useList({
    filters: ['query', 'state'],
    order: { sort: 'created', direction: 'desc' },
  });
  const keys = useQuery(listApiKeys(list.page));
  const columns = useColumns();
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: API_KEYS });
  return (
    <Card
      title={t('programs.keys')}
      lead={t('programs.keysLead')}
      actions={
        administers && (
          <Button look="primary" small onPress={() => setMaking(true)}>
            <Plus size={18} aria-hidden="true" />
            {t('programs.newKey')}
          </Button>
        )
      }
    >
      <ListTable
        label={t('programs.keys')}
        list={list}
        page={keys}
        columns={columns}
        search={{ name: 'query', label: t('programs.searchKeys') }}
        filters={[
          {
            kind: 'choice',
            name: 'state',
            label: t('person.state'),
            choices: [
              { id: 'valid', label: t('programs.valid') },
              { id: 'revoked', label: t('programs.revoked') },
            ],
          },
        ]}
        empty={t('programs.noKeys')}
        nameOf={({ name }) => name}
        actions={(key) =>
          administers && key.revoked_at === null
            ? [
                {
                  id: 'revoke',
                  label: t('programs.revoke'),
                  icon: <Ban size={18} aria-hidden="true" />,
                  danger: true,
                  run: () => setRevoking(key),
                },
              ]
            : []
        }
      />
      <Dialog title={t('programs.newKey')} isOpen={making} onClose={() => setMaking(false)} wide>
        <NewApiKey onMade={() => void refresh()} onClose={() => setMaking(false)} />
      </Dialog>
      {revoking && (
        <Confirm
          isOpen
          title={t('programs.revokeTitle', { name: revoking.name })}
          text={t('programs.revokeText')}
          action={t('programs.revoke')}
          onClose={() => setRevoking(null)}
          onConfirm={async () => {
            await revokeApiKey(revoking.id);
            await refresh();
          }}
        />
      )}
    </Card>
  );
}

function useColumns(): DataColumn<ApiKey>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      id: 'name',
      label: t('programs.keyName'),
      sorts: 'asc',
      cell: ({ name, key, revoked_at }) => (
        <>
          <div className={pageStyles.itemTitle}>
            {name}
            {revoked_at !== null && <Badge tone="warn">{t('programs.revoked')}</Badge>}
          </div>
          <div className={pageStyles.itemHint}>
            <code>{key}</code>
          </div>
        </>
      ),
    },
    {
      id: 'grants',
      label: t('programs.grants'),
      cell: ({ grants }) => grants.map((grant) => t(`programs.grant.${grant}`)).join(', '),
    },
    {
      id: 'rooms',
      label: t('admin.rooms'),
      cell: ({ rooms }) => (rooms === null ? t('programs.everyRoom') : rooms.join(', ')),
    },
    {
      id: 'created',
      label: t('person.created'),
      sorts: 'desc',
      cell: ({ created_at, created_by_name }) => (
        <>
          <div>{format.date(created_at)}</div>
          <div className={pageStyles.itemHint}>{created_by_name}</div>
        </>
      ),
    },
    {
      id: 'used',
      label: t('programs.used'),
      sorts: 'desc',
      cell: ({ last_used_at }) =>
        last_used_at === null ? t('programs.neverUsed') : format.dateTime(last_used_at),
    },
  ];
}
