/** Who may come in. */
import { useTranslation } from 'react-i18next';
import { problemText } from '../../../api/problem';
import type { Room } from '../../../api/types';
import { Switch } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { Card } from '../../../primitives/Page';
import { useRoomUpdate } from '../hooks/useRoomUpdate';
import { LockSwitch } from './LockSwitch';

export function AccessCard({ room }: { room: Room }) {
  const { t } = useTranslation();
  const update = useRoomUpdate(room);
  const { failure } = update;
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
        <LockSwitch room={room} />
      </div>
      {failure !== null && <Notice tone="danger">{problemText(failure)}</Notice>}
    </Card>
  );
}
