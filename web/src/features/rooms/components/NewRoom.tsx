/** The dialog that makes a room and takes its owner there. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { rulesOf } from '../../../api/limits';
import { Dialog } from '../../../primitives/Dialog';
import { DialogForm } from '../../../primitives/DialogForm';
import { Switch, TextField } from '../../../primitives/Field';
import { useAction } from '../../../primitives/useAction';
import { createRoom } from '../api/createRoom';
import { getRoom } from '../api/getRoom';

/** Tells the room's page that nobody has its link yet. */
const JUST_MADE = { made: true };

export function NewRoom({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t('newRoom.title')} isOpen={isOpen} onClose={onClose}>
      <NewRoomForm onClose={onClose} />
    </Dialog>
  );
}

function NewRoomForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [isPrivate, setPrivate] = useState(false);
  const [guests, setGuests] = useState(true);
  const { run, pending, failure } = useAction(async () => {
    const room = await createRoom({
      name: name.trim(),
      access: isPrivate ? 'private' : 'public',
      guests_allowed: !isPrivate && guests,
    });
    queryClient.setQueryData(getRoom(room.slug).queryKey, room);
    void queryClient.invalidateQueries({ queryKey: ['rooms'] });
    navigate(`/${room.slug}`, { state: JUST_MADE });
  });
  return (
    <DialogForm
      action={t('newRoom.create')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <TextField
        name="name"
        label={t('room.name')}
        rules={rulesOf('CreateRoom', 'name')}
        placeholder={t('newRoom.namePlaceholder')}
        value={name}
        onChange={setName}
        isRequired
        autoFocus
      />
      <div>
        <Switch
          label={t('room.private')}
          hint={t('room.privateHint')}
          isSelected={isPrivate}
          onChange={setPrivate}
        />
        <Switch
          label={t('room.guests')}
          hint={t('room.guestsHint')}
          isSelected={!isPrivate && guests}
          isDisabled={isPrivate}
          onChange={setGuests}
        />
      </div>
    </DialogForm>
  );
}
