/** The dispatches of one room: who is wanted there. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { Form } from '../../../primitives/Form';
import { Card, Failed } from '../../../primitives/Page';
import { listDispatches } from '../api/listDispatches';
import { DispatchList } from './DispatchList';

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
          hint={t('room.namedHint')}
          value={text}
          onChange={setText}
        />
      </Form>
      {dispatches.isError && <Failed error={dispatches.error} />}
      {dispatches.data && <DispatchList of={dispatches.data} room={room} />}
    </Card>
  );
}
