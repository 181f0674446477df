/** Every account, and what an administrator may do with it. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import type { User } from '../../../api/types';
import { attempt } from '../../../primitives/attempt';
import { TextField } from '../../../primitives/Field';
import { Card } from '../../../primitives/Page';
import { PagedList } from '../../../primitives/PagedList';
import { toast } from '../../../primitives/Toasts';
import { useMay } from '../../auth';
import { listUsers } from '../api/listUsers';
import { updateUser } from '../api/updateUser';
import { ChangeUserDialog } from './ChangeUserDialog';
import { DeleteUserDialog } from './DeleteUserDialog';
import { ResetLinkDialog } from './ResetLinkDialog';
import { type UserAction, UserItem } from './UserItem';

export function UsersCard() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  const [params] = useSearchParams();
  const [query, setQuery] = useState(params.get('query') ?? '');
  const [asked, setAsked] = useState<{ user: User; action: UserAction } | null>(null);
  const users = useInfiniteQuery(listUsers(query));
  const close = () => setAsked(null);
  const start = async (user: User, action: UserAction) => {
    if (action !== 'enable') {
      setAsked({ user, action });
      return;
    }
    await attempt(updateUser(user, { disabled: false }).then(() => toast(t('common.saved'))));
    await queryClient.invalidateQueries({ queryKey: ['admin'] });
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
              onAction={administers ? (action) => void start(user, action) : undefined}
            />
          ))
        }
      </PagedList>
      {asked && <Asked {...asked} onClose={close} />}
    </Card>
  );
}

function Asked({ user, action, onClose }: { user: User; action: UserAction; onClose: () => void }) {
  switch (action) {
    case 'enable':
      return null;
    case 'reset':
      return <ResetLinkDialog user={user} onClose={onClose} />;
    case 'delete':
      return <DeleteUserDialog user={user} onClose={onClose} />;
    default:
      return <ChangeUserDialog user={user} change={action} onClose={onClose} />;
  }
}
