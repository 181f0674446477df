/** Every room of the site. */
import { useQuery } from '@tanstack/react-query';
import { History, Settings } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import type { Room } from '../../../api/types';
import type { DataColumn } from '../../../primitives/DataTable';
import { ListTable } from '../../../primitives/ListTable';
import { Badge } from '../../../primitives/Notice';
import { Card, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { exportOf, useList } from '../../../primitives/useList';
import { listAllRooms, ROOMS_EXPORT } from '../api/listAllRooms';
import { PersonLink } from './PersonLink';

export function RoomsCard() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const list = useList({
    filters: ['query', 'access', 'user_id'],
    order: { sort: 'created', direction: 'desc' },
  });
  const rooms = useQuery(listAllRooms(list.page));
  const columns = useColumns();
  // The rooms of one person come with the newest first only.
  const ofOne = list.chosen.user_id !== undefined;
  return (
    <Card title={t('admin.rooms')}>
      <ListTable
        label={t('admin.rooms')}
        list={list}
        page={rooms}
        columns={ofOne ? columns.map((column) => ({ ...column, sorts: undefined })) : columns}
        search={{ name: 'query', label: t('admin.searchRooms') }}
        filters={[
          ofOne
            ? { kind: 'chip', name: 'user_id', label: '', says: () => t('person.theirRooms') }
            : {
                kind: 'choice',
                name: 'access',
                label: t('list.access'),
                choices: [
                  { id: 'public', label: t('list.public') },
                  { id: 'private', label: t('list.private') },
                ],
              },
        ]}
        empty={t('admin.noneFound')}
        nameOf={({ name }) => name}
        actions={({ slug }) => [
          {
            id: 'settings',
            label: t('room.settings'),
            icon: <Settings size={18} aria-hidden="true" />,
            run: () => void navigate(`/${slug}/settings`),
          },
          {
            id: 'meetings',
            label: t('list.meetings'),
            icon: <History size={18} aria-hidden="true" />,
            run: () => void navigate(`/admin/meetings?room=${encodeURIComponent(slug)}`),
          },
        ]}
        exportPath={(format) => exportOf(ROOMS_EXPORT, list.asked, format)}
      />
    </Card>
  );
}

function useColumns(): DataColumn<Room>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      id: 'name',
      label: t('list.room'),
      sorts: 'asc',
      cell: ({ name, slug, live }) => (
        <>
          <div className={pageStyles.itemTitle}>
            <Link to={`/${slug}/settings`}>{name}</Link>
            {live.participants > 0 && (
              <Badge tone="good">{t('home.live', { count: live.participants })}</Badge>
            )}
          </div>
          <div className={pageStyles.itemHint}>{slug}</div>
        </>
      ),
    },
    {
      id: 'owner',
      label: t('list.owner'),
      cell: ({ owner }) => <PersonLink id={owner.id} name={owner.name} />,
    },
    { id: 'access', label: t('list.access'), cell: ({ access }) => t(`list.${access}`) },
    {
      id: 'created',
      label: t('person.created'),
      sorts: 'desc',
      cell: ({ created_at }) => format.date(created_at),
    },
    {
      id: 'last_call',
      label: t('list.lastCall'),
      sorts: 'desc',
      cell: ({ last_call_at }) => (last_call_at === null ? '–' : format.dateTime(last_call_at)),
    },
  ];
}
