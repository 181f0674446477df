/** What a stream is called and where it leads, as it is made and as it is changed. */
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import { TextField } from '../../../primitives/Field';
import { RoomField } from '../../rooms';

export function StreamFields({
  body,
  name,
  onName,
  room,
  onRoom,
}: {
  body: 'CreateIngress' | 'UpdateIngress';
  name: string;
  onName: (name: string) => void;
  room: string;
  onRoom: (room: string) => void;
}) {
  const { t } = useTranslation();
  return (
    <>
      <TextField
        name="name"
        label={t('ingress.name')}
        hint={t('ingress.nameHint')}
        rules={rulesOf(body, 'name')}
        value={name}
        onChange={onName}
        isRequired
        autoFocus
      />
      <RoomField
        name="room"
        label={t('ingress.room')}
        rules={rulesOf(body, 'room')}
        value={room}
        onChange={onRoom}
      />
    </>
  );
}
