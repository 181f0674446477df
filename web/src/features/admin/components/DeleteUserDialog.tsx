/** Asks before an account is deleted, and what becomes of its rooms. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { User } from '../../../api/types';
import { Confirm } from '../../../primitives/Dialog';
import { Select, TextField } from '../../../primitives/Field';
import { toast } from '../../../primitives/Toasts';
import { useMe, useStartAs } from '../../auth';
import { deleteUser } from '../api/deleteUser';
import { findUser } from '../api/findUser';

type Fate = 'to_me' | 'to_another' | 'delete';

export function DeleteUserDialog({
  user,
  onDeleted,
  onClose,
}: {
  user: User;
  onDeleted?: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const startAs = useStartAs();
  const own = useMe()?.id === user.id;
  const [fate, setFate] = useState<Fate>(own ? 'to_another' : 'to_me');
  const [email, setEmail] = useState('');
  // Whoever deletes the own account keeps nothing: somebody else gets even the history of deleted rooms.
  const heirNeeded = own || fate === 'to_another';
  const remove = async () => {
    const heir = heirNeeded ? await findUser('new_owner', email) : undefined;
    await deleteUser(user.id, {
      rooms: fate === 'delete' ? 'delete' : 'hand_over',
      new_owner: heir?.id,
    });
    if (own) {
      await startAs(null);
      toast(t('admin.ownDeleted'));
    } else {
      onDeleted?.();
      await queryClient.invalidateQueries({ queryKey: ['admin'] });
    }
  };
  const toMe = {
    id: 'to_me',
    label: t('admin.roomsHandOver'),
    hint: t('admin.roomsHandOverHint'),
  };
  return (
    <Confirm
      title={own ? t('admin.deleteOwnTitle') : t('admin.deleteUserTitle', { name: user.name })}
      text={own ? t('admin.deleteOwnText') : t('admin.deleteUserText')}
      action={t('admin.deleteUser')}
      isOpen
      onClose={onClose}
      onConfirm={remove}
    >
      <Select
        label={own ? t('admin.deleteOwnRooms') : t('admin.deleteUserRooms')}
        choices={[
          ...(own ? [] : [toMe]),
          {
            id: 'to_another',
            label: t('admin.roomsToAnother'),
            hint: t('admin.roomsHandOverHint'),
          },
          { id: 'delete', label: t('admin.roomsDelete'), hint: t('admin.roomsDeleteHint') },
        ]}
        value={fate}
        onChange={(id) => setFate(id as Fate)}
      />
      {heirNeeded && (
        <TextField
          name="new_owner"
          label={t('admin.newOwner')}
          hint={fate === 'delete' ? t('admin.newOwnerOfHistory') : undefined}
          type="email"
          value={email}
          onChange={setEmail}
          autoComplete="off"
          isRequired
        />
      )}
    </Confirm>
  );
}
