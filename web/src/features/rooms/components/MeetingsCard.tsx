/** The history of a room: each meeting with who was there and how long. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { ChartLine } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Meeting } from '../../../api/types';
import { IconButton } from '../../../primitives/Button';
import { Badge } from '../../../primitives/Notice';
import { Card, pageStyles } from '../../../primitives/Page';
import { PagedList } from '../../../primitives/PagedList';
import { useFormat } from '../../../primitives/useFormat';
import { PersonQualityDialog } from '../../quality';
import { listMeetings } from '../api/listMeetings';

export function MeetingsCard({ slug }: { slug: string }) {
  const { t } = useTranslation();
  const meetings = useInfiniteQuery(listMeetings(slug));
  return (
    <Card title={t('settings.meetings')}>
      <PagedList pages={meetings} empty={t('settings.noMeetings')}>
        {(items) =>
          items.map((meeting) => <MeetingItem key={meeting.id} slug={slug} meeting={meeting} />)
        }
      </PagedList>
    </Card>
  );
}

function MeetingItem({ slug, meeting }: { slug: string; meeting: Meeting }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [asked, setAsked] = useState<{ identity: string; name: string } | null>(null);
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
        <ul
          className={`${pageStyles.row} ${pageStyles.itemHint}`}
          style={{ margin: 0, padding: 0 }}
        >
          {meeting.attendances.map(({ identity, name, seconds }) => (
            <li key={identity} style={{ listStyle: 'none' }}>
              {t('settings.attended', { name, span: format.span(seconds) })}{' '}
              <IconButton
                small
                round
                look="quiet"
                label={t('quality.of', { name })}
                onPress={() => setAsked({ identity, name })}
              >
                <ChartLine size={16} aria-hidden="true" />
              </IconButton>
            </li>
          ))}
        </ul>
      </div>
      {asked && (
        <PersonQualityDialog
          slug={slug}
          meeting={meeting.id}
          {...asked}
          onClose={() => setAsked(null)}
        />
      )}
    </li>
  );
}
