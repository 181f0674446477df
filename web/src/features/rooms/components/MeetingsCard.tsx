/** The history of a room: each meeting with who was there and how long. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Meeting } from '../../../api/types';
import { Badge } from '../../../primitives/Notice';
import { Card, pageStyles } from '../../../primitives/Page';
import { PagedList } from '../../../primitives/PagedList';
import { useFormat } from '../../../primitives/useFormat';
import { listMeetings } from '../api/listMeetings';

export function MeetingsCard({ slug }: { slug: string }) {
  const { t } = useTranslation();
  const meetings = useInfiniteQuery(listMeetings(slug));
  return (
    <Card title={t('settings.meetings')}>
      <PagedList pages={meetings} empty={t('settings.noMeetings')}>
        {(items) => items.map((meeting) => <MeetingItem key={meeting.id} meeting={meeting} />)}
      </PagedList>
    </Card>
  );
}

function MeetingItem({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation();
  const format = useFormat();
  const people = new Set(meeting.attendances.map(({ identity }) => identity)).size;
  return (
    <li className={pageStyles.item}>
      <div className={pageStyles.itemText}>
        <div className={pageStyles.itemTitle}>
          {format.dateTime(meeting.started_at)}
          {meeting.ended_at === null ? (
            <Badge tone="good">{t('settings.ongoing')}</Badge>
          ) : (
            <Badge>{format.span((meeting.ended_at - meeting.started_at) / 1_000)}</Badge>
          )}
          <Badge>{t('settings.attendees', { count: people })}</Badge>
        </div>
        <div className={pageStyles.itemHint}>
          {meeting.attendances
            .map(({ name, seconds }) =>
              t('settings.attended', { name, span: format.span(seconds) }),
            )
            .join(' · ')}
        </div>
      </div>
    </li>
  );
}
