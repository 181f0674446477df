/** The agents that are wanted in one live room, and the way to send one more. */
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../primitives/Button';
import { Dialog } from '../../../primitives/Dialog';
import { Card, Failed, Loading } from '../../../primitives/Page';
import { useMay } from '../../auth';
import { listDispatches } from '../api/listDispatches';
import { DispatchList } from './DispatchList';
import { SendAgent } from './SendAgent';

/** Nobody tells of agents that come. */
const EVERY = 5_000;

export function AgentsInRoomCard({ room, paused }: { room: string; paused: boolean }) {
  const { t } = useTranslation();
  const administers = useMay('administer');
  const dispatches = useQuery({
    ...listDispatches(room),
    refetchInterval: !paused && EVERY,
  });
  const [sending, setSending] = useState(false);
  return (
    <Card
      title={t('agents.inRoom')}
      lead={t('agents.inRoomLead')}
      actions={
        administers && (
          <Button small onPress={() => setSending(true)}>
            <Plus size={18} aria-hidden="true" />
            {t('agents.send')}
          </Button>
        )
      }
    >
      {dispatches.isPending && <Loading />}
      {dispatches.isError && (
        <Failed error={dispatches.error} retry={() => void dispatches.refetch()} />
      )}
      {dispatches.data && <DispatchList of={dispatches.data} room={room} />}
      <Dialog title={t('agents.send')} isOpen={sending} onClose={() => setSending(false)}>
        <SendAgent
          room={room}
          onSent={() => void dispatches.refetch()}
          onClose={() => setSending(false)}
        />
      </Dialog>
    </Card>
  );
}
