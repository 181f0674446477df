/** Who may come in. */
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { problemText } from '../../../api/problem';
import type { Room } from '../../../api/types';
import { Switch } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { Card } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { getRoom } from '../api/getRoom';
import { setLock } from '../api/setLock';
import { useRoomUpdate } from '../hooks/useRoomUpdate';

export function AccessCard({ room }: { room: Room }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const update = useRoomUpdate(room);
  const lock = useAction(async (locked: boolean) =>
    queryClient.setQueryData(getRoom(room.slug).queryKey, await setLock(room.slug, locked)),
  );
  const failure = update.failure ?? lock.failure;
  const isPrivate = room.access === 'private';
  return (
    <Card title={t('settings.access')} lead={t('settings.accessLead')}>
      <div>
        <Switch
          label={t('room.private')}
          hint={t('room.privateHint')}
          isSelected={isPrivate}
          isDisabled={update.pending}
          onChange={(on) => void update.run({ access: on ? 'private' : 'public' })}
        />
        <Switch
          label={t('room.guests')}
          hint={t('room.guestsHint')}
          isSelected={!isPrivate && room.guests_allowed}
          isDisabled={isPrivate || update.pending}
          onChange={(on) => void update.run({ guests_allowed: on })}
        />
        <Switch
          label={t('room.lock')}
          hint={t('room.lockHint')}
          isSelected={room.locked}
          isDisabled={lock.pending}
          onChange={(locked) => void lock.run(locked)}
        />
      </div>
      {failure !== null && <Notice tone="danger">{problemText(failure)}</Notice>}
    </Card>
  );
}
