/** API keys: make one, copy its secret while it is shown, revoke it. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiKey } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { Confirm, Dialog } from '../../../primitives/Dialog';
import { Badge } from '../../../primitives/Notice';
import { Card, pageStyles } from '../../../primitives/Page';
import { PagedList } from '../../../primitives/PagedList';
import { useFormat } from '../../../primitives/useFormat';
import { useMay } from '../../auth';
import { listApiKeys } from '../api/listApiKeys';
import { revokeApiKey } from '../api/revokeApiKey';
import { NewApiKey } from './NewApiKey';

export function ApiKeysCard() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  const keys = useInfiniteQuery(listApiKeys);
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: listApiKeys.queryKey });
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
      <PagedList pages={keys} empty={t('programs.noKeys')}>
        {(items) =>
          items.map((key) => (
            <ApiKeyItem
              key={key.id}
              of={key}
              onRevoke={administers ? () => setRevoking(key) : undefined}
            />
          ))
        }
      </PagedList>
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

function ApiKeyItem({ of, onRevoke }: { of: ApiKey; onRevoke?: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const revoked = of.revoked_at !== null;
  const used =
    of.last_used_at === null
      ? t('programs.neverUsed')
      : t('programs.lastUsed', { when: format.dateTime(of.last_used_at) });
  return (
    <li className={pageStyles.item}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {of.name}
          {revoked && <Badge tone="warn">{t('programs.revoked')}</Badge>}
        </div>
        <div className={pageStyles.itemHint}>
          <code>{of.key}</code>
          {' · '}
          {of.grants.map((grant) => t(`programs.grant.${grant}`)).join(', ')}
          {' · '}
          {of.rooms === null ? t('programs.everyRoom') : of.rooms.join(', ')}
        </div>
        <div className={pageStyles.itemHint}>
          {[
            t('programs.madeBy', {
              name: of.created_by_name,
              when: format.dateTime(of.created_at),
            }),
            used,
          ].join(' · ')}
        </div>
      </div>
      {!revoked && onRevoke && (
        <Button small aria-label={t('programs.revokeOf', { name: of.name })} onPress={onRevoke}>
          {t('programs.revoke')}
        </Button>
      )}
    </li>
  );
}
