/** The dialog that makes a room and takes its owner there. */
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { fieldErrors, problemText } from '../../../api/problem';
import { Button } from '../../../primitives/Button';
import { Dialog, DialogActions } from '../../../primitives/Dialog';
import { Switch, TextField } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { useAction } from '../../../primitives/useAction';
import { createRoom } from '../api/createRoom';
import { getRoom } from '../api/getRoom';

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
    navigate(`/${room.slug}`);
  });
  const errors = fieldErrors(failure);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run();
  };
  return (
    <form onSubmit={submit} style={{ display: 'contents' }}>
      <TextField
        label={t('room.name')}
        placeholder={t('newRoom.namePlaceholder')}
        value={name}
        onChange={setName}
        error={errors.name}
        maxLength={100}
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
      {failure !== null && !errors.name && <Notice tone="danger">{problemText(failure)}</Notice>}
      <DialogActions>
        <Button onPress={onClose}>{t('common.cancel')}</Button>
        <Button type="submit" look="primary" isPending={pending}>
          {t('newRoom.create')}
        </Button>
      </DialogActions>
    </form>
  );
}
