/** Every call that was held on the site. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { SiteMeeting } from '../../../api/types';
import type { DataColumn } from '../../../primitives/DataTable';
import { ListTable } from '../../../primitives/ListTable';
import { Badge } from '../../../primitives/Notice';
import { Card, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { type Asked, exportOf, momentsOf, useList } from '../../../primitives/useList';
import { listAllMeetings, MEETINGS_EXPORT } from '../api/listAllMeetings';
import { MeetingRoomLink } from './MeetingRoomLink';

// It goes by one order, either way round.
const query = ({ sort: _, ...asked }: Asked) => momentsOf(asked);

export function MeetingsCard() {
  const { t } = useTranslation();
  const format = useFormat();
  const list = useList({
    filters: ['room', 'since', 'until'],
    order: { sort: 'start', direction: 'desc' },
  });
  const meetings = useQuery(listAllMeetings(query(list.page)));
  return (
    <Card title={t('list.meetings')} lead={t('list.meetingsLead')}>
      <ListTable
        label={t('list.meetings')}
        list={list}
        page={meetings}
        columns={useColumns()}
        filters={[
          { kind: 'text', name: 'room', label: t('audit.filter.room') },
          { kind: 'day', name: 'since', label: t('audit.filter.since') },
          { kind: 'day', name: 'until', label: t('audit.filter.until') },
        ]}
        empty={t('settings.noMeetings')}
        nameOf={({ room, started_at }) =>
          t('list.meetingOf', { room: room.name, when: format.dateTime(started_at) })
        }
        exportPath={(as) => exportOf(MEETINGS_EXPORT, query(list.asked), as)}
      />
    </Card>
  );
}

function useColumns(): DataColumn<SiteMeeting>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      id: 'start',
      label: t('list.begun'),
      sorts: 'desc',
      cell: ({ id, started_at, ended_at }) => (
        <div className={pageStyles.itemTitle}>
          <Link to={`/admin/meetings/${id}`}>{format.dateTime(started_at)}</Link>
          {ended_at === null && <Badge tone="good">{t('settings.ongoing')}</Badge>}
        </div>
      ),
    },
    { id: 'room', label: t('list.room'), cell: ({ room }) => <MeetingRoomLink room={room} /> },
    {
      id: 'duration',
      label: t('list.duration'),
      isNumber: true,
      cell: ({ seconds }) => format.span(seconds),
    },
    {
      id: 'people',
      label: t('list.people'),
      isNumber: true,
      cell: ({ people }) => format.number(people),
    },
    {
      id: 'recordings',
      label: t('recording.title'),
      isNumber: true,
      cell: ({ recordings }) => format.number(recordings),
    },
  ];
}
