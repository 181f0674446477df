/** Asks before somebody gets or loses administrator rights, or can't sign in any more. */
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { User } from '../../../api/types';
import { Confirm } from '../../../primitives/Dialog';
import { toast } from '../../../primitives/Toasts';
import { useMe, useStartAs } from '../../auth';
import { updateUser } from '../api/updateUser';

export type UserChange = 'makeAdmin' | 'makeSupport' | 'makeAuditor' | 'makeUser' | 'disable';
const UPDATES = {
  makeAdmin: { role: 'admin' },
  makeSupport: { role: 'support' },
  makeAuditor: { role: 'auditor' },
  makeUser: { role: 'user' },
  disable: { disabled: true },
} as const;

export function ChangeUserDialog({
  user,
  change,
  onClose,
}: {
  user: User;
  change: UserChange;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const startAs = useStartAs();
  const own = useMe()?.id === user.id;
  const { name } = user;
  const save = async () => {
    try {
      const updated = await updateUser(user, UPDATES[change]);
      if (own && change !== 'makeAdmin') {
        await startAs(change === 'disable' ? null : updated);
        toast(t(change === 'disable' ? 'admin.ownDisabled' : 'admin.ownRightsGone'));
        return;
      }
      toast(t('common.saved'));
    } finally {
      await queryClient.invalidateQueries({ queryKey: ['admin'] });
    }
  };
  return (
    <Confirm
      title={own ? t(`admin.ask.${change}.ownTitle`) : t(`admin.ask.${change}.title`, { name })}
      text={own ? t(`admin.ask.${change}.ownText`) : t(`admin.ask.${change}.text`, { name })}
      action={t(`admin.${change}`)}
      isOpen
      onClose={onClose}
      onConfirm={save}
    />
  );
}
