/** Which agents come into every call of which rooms: one more, or one no more. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { components } from '../../../api/schema';
import { Button } from '../../../primitives/Button';
import { Confirm, Dialog } from '../../../primitives/Dialog';
import { Card, pageStyles } from '../../../primitives/Page';
import { PagedList } from '../../../primitives/PagedList';
import { useFormat } from '../../../primitives/useFormat';
import { useMay } from '../../auth';
import { listRoomAgents } from '../api/listRoomAgents';
import { removeRoomAgent } from '../api/removeRoomAgent';
import { AddRoomAgent } from './AddRoomAgent';

type RoomAgent = components['schemas']['RoomAgent'];

export function RoomAgentsCard() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  const agents = useInfiniteQuery(listRoomAgents);
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<RoomAgent | null>(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: listRoomAgents.queryKey });
  const nameOf = (agent: RoomAgent) => agent.agent_name || t('agents.everyUnnamed');
  return (
    <Card
      title={t('agents.rooms')}
      lead={t('agents.roomsLead')}
      actions={
        administers && (
          <Button small onPress={() => setAdding(true)}>
            <Plus size={18} aria-hidden="true" />
            {t('agents.addToRoom')}
          </Button>
        )
      }
    >
      <PagedList pages={agents} empty={t('agents.noRooms')}>
        {(items) =>
          items.map((agent) => (
            <RoomAgentItem
              key={agent.id}
              of={agent}
              name={nameOf(agent)}
              onRemove={administers ? () => setRemoving(agent) : undefined}
            />
          ))
        }
      </PagedList>
      <Dialog title={t('agents.addToRoom')} isOpen={adding} onClose={() => setAdding(false)}>
        <AddRoomAgent onAdded={() => void refresh()} onClose={() => setAdding(false)} />
      </Dialog>
      {removing && (
        <Confirm
          isOpen
          title={t('agents.removeFromRoomTitle', {
            name: nameOf(removing),
            room: removing.room_name,
          })}
          text={t('agents.removeFromRoomText')}
          action={t('agents.removeFromRoom')}
          onClose={() => setRemoving(null)}
          onConfirm={async () => {
            await removeRoomAgent(removing.room, removing.id);
            await refresh();
          }}
        />
      )}
    </Card>
  );
}

function RoomAgentItem({
  of: agent,
  name,
  onRemove,
}: {
  of: RoomAgent;
  name: string;
  onRemove?: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li className={pageStyles.item}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {name} <Link to={`/${agent.room}/settings`}>{agent.room_name}</Link>
        </div>
        <div className={pageStyles.itemHint}>
          {[agent.metadata, t('agents.since', { when: format.dateTime(agent.added_at) })]
            .filter(Boolean)
            .join(' · ')}
        </div>
      </div>
      {onRemove && (
        <Button
          small
          aria-label={t('agents.removeFromRoomOf', { name, room: agent.room_name })}
          onPress={onRemove}
        >
          {t('agents.removeFromRoom')}
        </Button>
      )}
    </li>
  );
}
