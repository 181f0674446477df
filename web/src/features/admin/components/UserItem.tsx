/** One account in the list: role, state, and the menu of what may be done with it. */
import {
  Eye,
  KeyRound,
  LifeBuoy,
  MoreVertical,
  ShieldCheck,
  ShieldOff,
  Trash2,
  UserCheck,
  UserX,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { User } from '../../../api/types';
import { Avatar } from '../../../primitives/Avatar';
import { IconButton } from '../../../primitives/Button';
import { Menu } from '../../../primitives/Menu';
import { Badge } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { useMe } from '../../auth';
import type { UserChange } from './ChangeUserDialog';

const ROLES = [
  { role: 'admin', change: 'makeAdmin', Icon: ShieldCheck },
  { role: 'support', change: 'makeSupport', Icon: LifeBuoy },
  { role: 'auditor', change: 'makeAuditor', Icon: Eye },
  { role: 'user', change: 'makeUser', Icon: ShieldOff },
] as const;

export type UserAction = UserChange | 'enable' | 'reset' | 'delete';

export function UserItem({
  user,
  onAction,
}: {
  user: User;
  /** Left out for those who only look. */
  onAction?: (action: UserAction) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  return (
    <li className={pageStyles.item}>
      <Avatar name={user.name || user.email} size={38} />
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {user.name}
          {user.id === me?.id && <Badge tone="good">{t('admin.you')}</Badge>}
          {user.role !== 'user' && <Badge tone="info">{t(`admin.role.${user.role}`)}</Badge>}
          {user.disabled && <Badge tone="warn">{t('admin.disabled')}</Badge>}
        </div>
        <div className={pageStyles.itemHint}>
          {user.email} ·{' '}
          {user.last_seen_at === null
            ? t('admin.never')
            : t('admin.lastSeen', { when: format.dateTime(user.last_seen_at) })}
        </div>
      </div>
      {onAction && (
        <Menu
          label={t('admin.actionsFor', { name: user.name })}
          trigger={
            <IconButton small round look="quiet" label={t('admin.actionsFor', { name: user.name })}>
              <MoreVertical size={18} aria-hidden="true" />
            </IconButton>
          }
          actions={[
            ...ROLES.filter(({ role }) => role !== user.role).map(({ change, Icon }) => ({
              id: change,
              label: t(`admin.${change}`),
              icon: <Icon size={18} aria-hidden="true" />,
              run: () => onAction(change),
            })),
            {
              id: 'disabled',
              label: user.disabled ? t('admin.enable') : t('admin.disable'),
              icon: user.disabled ? (
                <UserCheck size={18} aria-hidden="true" />
              ) : (
                <UserX size={18} aria-hidden="true" />
              ),
              run: () => onAction(user.disabled ? 'enable' : 'disable'),
            },
            {
              id: 'reset',
              label: t('admin.resetLink'),
              icon: <KeyRound size={18} aria-hidden="true" />,
              disabled: user.disabled,
              run: () => onAction('reset'),
            },
            {
              id: 'delete',
              label: t('admin.deleteUser'),
              icon: <Trash2 size={18} aria-hidden="true" />,
              danger: true,
              run: () => onAction('delete'),
            },
          ]}
        />
      )}
    </li>
  );
}
