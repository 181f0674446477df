/** Dispatches of one room, one below the other; each can be taken back. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { components } from '../../../api/schema';
import { Button } from '../../../primitives/Button';
import { Confirm } from '../../../primitives/Dialog';
import { Empty, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { useMay } from '../../auth';
import { deleteDispatch } from '../api/deleteDispatch';
import { listDispatches } from '../api/listDispatches';

type Dispatch = components['schemas']['AgentDispatch'];

export function DispatchList({ of, room }: { of: Dispatch[]; room: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  const [ending, setEnding] = useState<Dispatch | null>(null);
  const nameOf = (dispatch: Dispatch) => dispatch.agent_name || t('agents.unnamed');
  // The media server keeps one for workers without a name in each room, also where there are none.
  const asked = of.filter(({ agent_name, jobs }) => agent_name !== '' || jobs > 0);
  if (asked.length === 0) return <Empty>{t('agents.noDispatches')}</Empty>;
  return (
    <ul className={pageStyles.list}>
      {asked.map((dispatch) => (
        <li key={dispatch.id} className={pageStyles.item}>
          <div className={pageStyles.itemText}>
            <div className={pageStyles.itemTitle}>{nameOf(dispatch)}</div>
            <div className={pageStyles.itemHint}>
              <code>{dispatch.id}</code>
              {' · '}
              {t('agents.jobCount', { count: dispatch.jobs })}
              {' · '}
              {t('agents.since', { when: format.dateTime(dispatch.created_at) })}
            </div>
          </div>
          {administers && (
            <Button
              small
              aria-label={t('agents.takeBackOf', { name: nameOf(dispatch) })}
              onPress={() => setEnding(dispatch)}
            >
              {t('agents.takeBack')}
            </Button>
          )}
        </li>
      ))}
      {ending && (
        <Confirm
          isOpen
          title={t('agents.takeBackTitle', { name: nameOf(ending) })}
          text={t('agents.takeBackText')}
          action={t('agents.takeBack')}
          onClose={() => setEnding(null)}
          onConfirm={async () => {
            await deleteDispatch(ending.id, room);
            await queryClient.invalidateQueries({ queryKey: listDispatches(room).queryKey });
          }}
        />
      )}
    </ul>
  );
}
