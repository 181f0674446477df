/** The dispatches of one room: who is wanted there; each can be taken back. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { components } from '../../../api/schema';
import { Button } from '../../../primitives/Button';
import { Confirm } from '../../../primitives/Dialog';
import { TextField } from '../../../primitives/Field';
import { Form } from '../../../primitives/Form';
import { Card, Empty, Failed, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { useMay } from '../../auth';
import { deleteDispatch } from '../api/deleteDispatch';
import { listDispatches } from '../api/listDispatches';

type Dispatch = components['schemas']['AgentDispatch'];

export function DispatchesCard() {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [room, setRoom] = useState('');
  const dispatches = useQuery(listDispatches(room));
  return (
    <Card title={t('agents.dispatches')} lead={t('agents.dispatchesLead')}>
      <Form
        failure={null}
        onSubmit={() => {
          setRoom(text.trim());
          if (room === text.trim()) void dispatches.refetch();
        }}
        actions={
          <Button type="submit" small isPending={dispatches.isFetching}>
            {t('agents.show')}
          </Button>
        }
      >
        <TextField
          name="room"
          label={t('agents.room')}
          hint={t('agents.roomHint')}
          value={text}
          onChange={setText}
        />
      </Form>
      {dispatches.isError && <Failed error={dispatches.error} />}
      {dispatches.data && <Listed of={dispatches.data} room={room} />}
    </Card>
  );
}

function Listed({ of, room }: { of: Dispatch[]; room: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  const [ending, setEnding] = useState<Dispatch | null>(null);
  const nameOf = (dispatch: Dispatch) => dispatch.agent_name || t('agents.unnamed');
  if (of.length === 0) return <Empty>{t('agents.noDispatches')}</Empty>;
  return (
    <ul className={pageStyles.list}>
      {of.map((dispatch) => (
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
