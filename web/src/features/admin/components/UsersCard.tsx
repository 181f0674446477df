/** Every account: role, state, and what an administrator may change. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import {
  KeyRound,
  MoreVertical,
  ShieldCheck,
  ShieldOff,
  Trash2,
  UserCheck,
  UserX,
} from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { problemText } from '../../../api/problem';
import type { User } from '../../../api/types';
import { Avatar } from '../../../primitives/Avatar';
import { IconButton } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { Menu } from '../../../primitives/Menu';
import { Badge } from '../../../primitives/Notice';
import { Card, pageStyles } from '../../../primitives/Page';
import { PagedList } from '../../../primitives/PagedList';
import { toast } from '../../../primitives/Toasts';
import { useFormat } from '../../../primitives/useFormat';
import { useMe } from '../../auth';
import { listUsers } from '../api/listUsers';
import { updateUser } from '../api/updateUser';
import { DeleteUserDialog } from './DeleteUserDialog';
import { ResetLinkDialog } from './ResetLinkDialog';

export function UsersCard() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [query, setQuery] = useState('');
  const [deleting, setDeleting] = useState<User | null>(null);
  const [resetting, setResetting] = useState<User | null>(null);
  const users = useInfiniteQuery(listUsers(query));
  const refresh = () => queryClient.invalidateQueries({ queryKey: ['admin'] });
  const change = async (user: User, update: Parameters<typeof updateUser>[1]) => {
    try {
      await updateUser(user, update);
      toast(t('common.saved'));
    } catch (error) {
      toast(problemText(error), 'danger');
    }
    await refresh();
  };
  return (
    <Card title={t('admin.users')}>
      <TextField
        label={t('admin.searchUsers')}
        placeholder={t('admin.searchUsers')}
        hideLabel
        type="search"
        value={query}
        onChange={setQuery}
      />
      <PagedList pages={users} empty={t('admin.noneFound')}>
        {(items) =>
          items.map((user) => (
            <UserItem
              key={user.id}
              user={user}
              onChange={(update) => void change(user, update)}
              onReset={() => setResetting(user)}
              onDelete={() => setDeleting(user)}
            />
          ))
        }
      </PagedList>
      <ResetLinkDialog user={resetting} onClose={() => setResetting(null)} />
      {deleting && <DeleteUserDialog user={deleting} onClose={() => setDeleting(null)} />}
    </Card>
  );
}

function UserItem({
  user,
  onChange,
  onReset,
  onDelete,
}: {
  user: User;
  onChange: (update: Parameters<typeof updateUser>[1]) => void;
  onReset: () => void;
  onDelete: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  const admin = user.role === 'admin';
  return (
    <li className={pageStyles.item}>
      <Avatar name={user.name || user.email} size={38} />
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {user.name}
          {user.id === me?.id && <Badge tone="good">{t('admin.you')}</Badge>}
          {admin && <Badge tone="info">{t('admin.administrator')}</Badge>}
          {user.disabled && <Badge tone="warn">{t('admin.disabled')}</Badge>}
        </div>
        <div className={pageStyles.itemHint}>
          {user.email} ·{' '}
          {user.last_seen_at === null
            ? t('admin.never')
            : t('admin.lastSeen', { when: format.dateTime(user.last_seen_at) })}
        </div>
      </div>
      <Menu
        label={t('admin.actionsFor', { name: user.name })}
        trigger={
          <IconButton small round look="quiet" label={t('admin.actionsFor', { name: user.name })}>
            <MoreVertical size={18} aria-hidden="true" />
          </IconButton>
        }
        actions={[
          {
            id: 'role',
            label: admin ? t('admin.makeUser') : t('admin.makeAdmin'),
            icon: admin ? (
              <ShieldOff size={18} aria-hidden="true" />
            ) : (
              <ShieldCheck size={18} aria-hidden="true" />
            ),
            run: () => onChange({ role: admin ? 'user' : 'admin' }),
          },
          {
            id: 'disabled',
            label: user.disabled ? t('admin.enable') : t('admin.disable'),
            icon: user.disabled ? (
              <UserCheck size={18} aria-hidden="true" />
            ) : (
              <UserX size={18} aria-hidden="true" />
            ),
            run: () => onChange({ disabled: !user.disabled }),
          },
          {
            id: 'reset',
            label: t('admin.resetLink'),
            icon: <KeyRound size={18} aria-hidden="true" />,
            disabled: user.disabled,
            run: onReset,
          },
          {
            id: 'delete',
            label: t('admin.deleteUser'),
            icon: <Trash2 size={18} aria-hidden="true" />,
            danger: true,
            run: onDelete,
          },
        ]}
      />
    </li>
  );
}
