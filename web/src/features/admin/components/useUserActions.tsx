/** What an administrator may do with an account, as a menu; and the questions that are asked first. */
import { useQueryClient } from '@tanstack/react-query';
import {
  Eye,
  KeyRound,
  LifeBuoy,
  ShieldCheck,
  ShieldOff,
  Trash2,
  UserCheck,
  UserX,
} from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { User } from '../../../api/types';
import { attempt } from '../../../primitives/attempt';
import type { MenuAction } from '../../../primitives/Menu';
import { toast } from '../../../primitives/Toasts';
import { useMay } from '../../auth';
import { updateUser } from '../api/updateUser';
import { ChangeUserDialog, type UserChange } from './ChangeUserDialog';
import { DeleteUserDialog } from './DeleteUserDialog';
import { ResetLinkDialog } from './ResetLinkDialog';

const ROLES = [
  { role: 'admin', change: 'makeAdmin', Icon: ShieldCheck },
  { role: 'support', change: 'makeSupport', Icon: LifeBuoy },
  { role: 'auditor', change: 'makeAuditor', Icon: Eye },
  { role: 'user', change: 'makeUser', Icon: ShieldOff },
] as const;

type Asked = { user: User; action: UserChange | 'reset' | 'delete' };

/** `actions` is empty for those who only look. `onDeleted` leaves a page about an account that is gone. */
export function useUserActions(onDeleted?: () => void): {
  actions: (user: User) => MenuAction[];
  dialog: ReactNode;
} {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  const [asked, setAsked] = useState<Asked | null>(null);
  const enable = async (user: User) => {
    await attempt(updateUser(user, { disabled: false }).then(() => toast(t('common.saved'))));
    await queryClient.invalidateQueries({ queryKey: ['admin'] });
  };
  const actions = (user: User): MenuAction[] => {
    if (!administers) return [];
    const ask = (action: Asked['action']) => setAsked({ user, action });
    return [
      ...ROLES.filter(({ role }) => role !== user.role).map(({ change, Icon }) => ({
        id: change,
        label: t(`admin.${change}`),
        icon: <Icon size={18} aria-hidden="true" />,
        run: () => ask(change),
      })),
      {
        id: 'disabled',
        label: user.disabled ? t('admin.enable') : t('admin.disable'),
        icon: user.disabled ? (
          <UserCheck size={18} aria-hidden="true" />
        ) : (
          <UserX size={18} aria-hidden="true" />
        ),
        run: () => (user.disabled ? void enable(user) : ask('disable')),
      },
      {
        id: 'reset',
        label: t('admin.resetLink'),
        icon: <KeyRound size={18} aria-hidden="true" />,
        disabled: user.disabled,
        run: () => ask('reset'),
      },
      {
        id: 'delete',
        label: t('admin.deleteUser'),
        icon: <Trash2 size={18} aria-hidden="true" />,
        danger: true,
        run: () => ask('delete'),
      },
    ];
  };
  return {
    actions,
    dialog: asked && <Question {...asked} onDeleted={onDeleted} onClose={() => setAsked(null)} />,
  };
}

function Question({
  user,
  action,
  onDeleted,
  onClose,
}: Asked & { onDeleted: (() => void) | undefined; onClose: () => void }) {
  switch (action) {
    case 'reset':
      return <ResetLinkDialog user={user} onClose={onClose} />;
    case 'delete':
      return <DeleteUserDialog user={user} onDeleted={onDeleted} onClose={onClose} />;
    default:
      return <ChangeUserDialog user={user} change={action} onClose={onClose} />;
  }
}
