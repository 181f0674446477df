/** One call that was held: who was there and how it went for them, and what was recorded of it. */
import { useQuery } from '@tanstack/react-query';
import { ChartLine } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { MeetingDetail } from '../../../api/types';
import { Button, IconButton, LinkButton } from '../../../primitives/Button';
import { CopyId } from '../../../primitives/CopyId';
import { Badge } from '../../../primitives/Notice';
import { Card, Empty, Failed, Loading, pageStyles, useTitle } from '../../../primitives/Page';
import { RawDialog } from '../../../primitives/RawDialog';
import { useFormat } from '../../../primitives/useFormat';
import { PersonQualityDialog } from '../../quality';
import { StateBadge } from '../../recordings';
import { getMeeting } from '../api/getMeeting';
import { MeetingRoomLink } from '../components/MeetingRoomLink';
import { PersonLink } from '../components/PersonLink';

export function MeetingPage() {
  const { id = '' } = useParams();
  // Whoever goes from one to another begins anew.
  return <Meeting key={id} id={id} />;
}

function Meeting({ id }: { id: string }) {
  const { t } = useTranslation();
  const meeting = useQuery(getMeeting(id));
  const room = meeting.data?.meeting.room.name;
  useTitle([room, t('list.meetings')].filter(Boolean).join(' · '));
  return (
    <div className={pageStyles.stack}>
      <div>
        <LinkButton to="/admin/meetings" small>
          {t('list.allMeetings')}
        </LinkButton>
      </div>
      <h1>{room ?? t('list.meetings')}</h1>
      {meeting.isPending && <Loading />}
      {meeting.isError && <Failed error={meeting.error} retry={() => void meeting.refetch()} />}
      {meeting.data && (
        <>
          <Facts detail={meeting.data} />
          <People detail={meeting.data} />
          {meeting.data.recordings && <Films recordings={meeting.data.recordings} />}
        </>
      )}
    </div>
  );
}

function Facts({ detail }: { detail: MeetingDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [raw, setRaw] = useState(false);
  const { id, room, sid, started_at, ended_at, seconds } = detail.meeting;
  return (
    <Card
      title={t('list.call')}
      actions={
        <Button small onPress={() => setRaw(true)}>
          {t('list.raw')}
        </Button>
      }
    >
      <dl className={pageStyles.facts}>
        <dt>{t('list.room')}</dt>
        <dd>
          <MeetingRoomLink room={room} />
        </dd>
        <dt>{t('list.begun')}</dt>
        <dd>{format.exactDateTime(started_at)}</dd>
        <dt>{t('list.ended')}</dt>
        <dd>
          {ended_at === null ? (
            <Badge tone="good">{t('settings.ongoing')}</Badge>
          ) : (
            format.exactDateTime(ended_at)
          )}
        </dd>
        <dt>{t('list.duration')}</dt>
        <dd>{format.span(seconds)}</dd>
        <dt>{t('list.id')}</dt>
        <dd>
          <CopyId text={id} />
        </dd>
        <dt>{t('list.sid')}</dt>
        <dd>
          <CopyId text={sid} />
        </dd>
      </dl>
      {raw && <RawDialog title={room.name} value={detail} onClose={() => setRaw(false)} />}
    </Card>
  );
}

function People({ detail }: { detail: MeetingDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [asked, setAsked] = useState<{ identity: string; name: string } | null>(null);
  const { meeting, attendances } = detail;
  return (
    <Card title={t('list.people')}>
      {attendances.length === 0 && <Empty>{t('list.nobody')}</Empty>}
      <ul className={pageStyles.list}>
        {attendances.map(({ identity, name, user_id, joined_at, left_at, seconds, visits }) => (
          <li key={identity} className={pageStyles.item}>
            <div className={pageStyles.itemText}>
              <div className={pageStyles.itemTitle}>
                <PersonLink id={user_id} name={name} />
                {user_id === null && <Badge>{t('list.guest')}</Badge>}
                {left_at === null && <Badge tone="good">{t('list.there')}</Badge>}
              </div>
              <div className={pageStyles.itemHint}>
                {[
                  t('list.came', { when: format.exactTime(joined_at) }),
                  format.span(seconds),
                  visits > 1 && t('list.visits', { count: visits }),
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </div>
            </div>
            {!meeting.room.deleted && (
              <IconButton
                small
                round
                look="quiet"
                label={t('quality.of', { name })}
                onPress={() => setAsked({ identity, name })}
              >
                <ChartLine size={16} aria-hidden="true" />
              </IconButton>
            )}
          </li>
        ))}
      </ul>
      {asked && (
        <PersonQualityDialog
          slug={meeting.room.slug}
          meeting={meeting.id}
          {...asked}
          onClose={() => setAsked(null)}
        />
      )}
    </Card>
  );
}

function Films({ recordings }: { recordings: NonNullable<MeetingDetail['recordings']> }) {
  const { t } = useTranslation();
  return (
    <Card title={t('recording.title')}>
      {recordings.length === 0 && <Empty>{t('list.notRecorded')}</Empty>}
      <ul className={pageStyles.list}>
        {recordings.map(({ id, title, state }) => (
          <li key={id} className={pageStyles.item}>
            <div className={`${pageStyles.itemText} ${pageStyles.itemTitle}`}>
              <Link to={`/recordings/${id}`}>{title}</Link>
              <StateBadge state={state} />
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}
