/** Every account, and what an administrator may do with it. */
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { User } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import type { DataColumn } from '../../../primitives/DataTable';
import { ListTable } from '../../../primitives/ListTable';
import { Badge } from '../../../primitives/Notice';
import { Card, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { exportOf, useList } from '../../../primitives/useList';
import { useMay, useMe } from '../../auth';
import { listUsers, USERS_EXPORT } from '../api/listUsers';
import { NewUserDialog } from './NewUserDialog';
import { ROLES } from './roles';
import { useUserActions } from './useUserActions';

export function UsersCard() {
  const { t } = useTranslation();
  const administers = useMay('administer');
  const list = useList({
    filters: ['query', 'role', 'state'],
    order: { sort: 'created', direction: 'desc' },
  });
  const users = useQuery(listUsers(list.page));
  const columns = useColumns();
  const { actions, dialog } = useUserActions();
  const [making, setMaking] = useState(false);
  return (
    <Card
      title={t('admin.users')}
      actions={
        administers && (
          <Button look="primary" small onPress={() => setMaking(true)}>
            <Plus size={18} aria-hidden="true" />
            {t('person.create')}
          </Button>
        )
      }
    >
      <ListTable
        label={t('admin.users')}
        list={list}
        page={users}
        columns={columns}
        search={{ name: 'query', label: t('admin.searchUsers') }}
        filters={[
          {
            kind: 'choice',
            name: 'role',
            label: t('person.role'),
            choices: ROLES.map((role) => ({ id: role, label: t(`admin.role.${role}`) })),
          },
          {
            kind: 'choice',
            name: 'state',
            label: t('person.state'),
            choices: [
              { id: 'active', label: t('person.active') },
              { id: 'disabled', label: t('admin.disabled') },
            ],
          },
        ]}
        empty={t('admin.noneFound')}
        nameOf={({ name }) => name}
        actions={actions}
        exportPath={(format) => exportOf(USERS_EXPORT, list.asked, format)}
      />
      {dialog}
      {making && <NewUserDialog onClose={() => setMaking(false)} />}
    </Card>
  );
}

function useColumns(): DataColumn<User>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  return [
    {
      id: 'name',
      label: t('person.name'),
      sorts: 'asc',
      cell: (user) => (
        <div className={pageStyles.itemTitle}>
          <Link to={`/admin/users/${user.id}`}>{user.name}</Link>
          {user.id === me?.id && <Badge tone="good">{t('admin.you')}</Badge>}
          {user.disabled && <Badge tone="warn">{t('admin.disabled')}</Badge>}
        </div>
      ),
    },
    { id: 'email', label: t('person.email'), cell: ({ email }) => email },
    { id: 'role', label: t('person.role'), cell: ({ role }) => t(`admin.role.${role}`) },
    {
      id: 'created',
      label: t('person.created'),
      sorts: 'desc',
      cell: ({ created_at }) => format.date(created_at),
    },
    {
      id: 'seen',
      label: t('person.seen'),
      sorts: 'desc',
      cell: ({ last_seen_at }) =>
        last_seen_at === null ? t('admin.never') : format.dateTime(last_seen_at),
    },
  ];
}
