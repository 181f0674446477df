/** A room's settings and history, for its owner and moderators, and for those who see every room. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { Problem } from '../../../api/problem';
import type { Room } from '../../../api/types';
import { LinkButton } from '../../../primitives/Button';
import { Notice } from '../../../primitives/Notice';
import { Card, Failed, Loading, pageStyles, useTitle } from '../../../primitives/Page';
import { type Section, Tabs } from '../../../primitives/Tabs';
import { RequireUser, useMay } from '../../auth';
import { useEvents } from '../../events';
import { RecordingsCard } from '../../recordings';
import { NotFound } from '../../site';
import { getRoom } from '../api/getRoom';
import { AccessCard } from '../components/AccessCard';
import { BansCard } from '../components/BansCard';
import { DeleteCard } from '../components/DeleteCard';
import { GeneralCard } from '../components/GeneralCard';
import { KeepRecordingsCard } from '../components/KeepRecordingsCard';
import { LockSwitch } from '../components/LockSwitch';
import { MediaCard } from '../components/MediaCard';
import { MeetingsCard } from '../components/MeetingsCard';
import { MembersCard } from '../components/MembersCard';
import { RegionCard } from '../components/RegionCard';
import { RoomAuditCard } from '../components/RoomAuditCard';
import { useMovedRoom } from '../hooks/useMovedRoom';

export function RoomSettingsPage() {
  return (
    <RequireUser>
      <RoomSettings />
    </RequireUser>
  );
}

function RoomSettings() {
  const { t } = useTranslation();
  const { slug = '' } = useParams();
  const sees = useMay('see_rooms');
  const administers = useMay('administer');
  const room = useQuery(getRoom(slug));
  useEvents(slug);
  const gone = room.error instanceof Problem && [403, 404].includes(room.error.status);
  const following = useMovedRoom(gone ? room.data : undefined, slug);
  useTitle(room.data ? t('settings.title', { name: room.data.name }) : '');
  if (room.isPending) return <Loading />;
  // What fails by the way takes no half-filled form away; a room that is gone does.
  if (!room.data || (gone && !following)) {
    return (
      <div className={pageStyles.column}>
        <Failed error={room.error} />
      </div>
    );
  }
  const owner = room.data.role === 'owner' || administers;
  const allowed = owner || sees || room.data.role === 'moderator';
  return (
    <div className={pageStyles.column}>
      <div className={pageStyles.cardHead}>
        <h1>{t('settings.title', { name: room.data.name })}</h1>
        <LinkButton to={`/${slug}`} look="primary" small>
          {t('settings.enter')}
        </LinkButton>
      </div>
      {room.isError && !following && (
        <Failed error={room.error} retry={() => void room.refetch()} />
      )}
      {allowed ? (
        <Sections room={room.data} owner={owner} />
      ) : (
        <Notice tone="warn">{t('settings.notAllowed')}</Notice>
      )}
    </div>
  );
}

function Sections({ room, owner }: { room: Room; owner: boolean }) {
  const { t } = useTranslation();
  const { section } = useParams();
  const navigate = useNavigate();
  const seesMembers = useMay('see_rooms');
  const seesRecordings = useMay('see_recordings');
  const moderates = useMay('moderate_rooms');
  const moderator = room.role === 'owner' || room.role === 'moderator';
  const ownerSections: Section[] = [
    {
      id: 'general',
      label: t('settings.general'),
      content: (
        <>
          <GeneralCard room={room} key={room.id} />
          <AccessCard room={room} />
          <MediaCard room={room} />
          <RegionCard room={room} />
          <DeleteCard room={room} />
        </>
      ),
    },
    { id: 'members', label: t('settings.members'), content: <MembersCard slug={room.slug} /> },
  ];
  const sections: Section[] = [
    ...(owner ? ownerSections : []),
    ...(!owner && seesMembers
      ? [
          {
            id: 'members',
            label: t('settings.members'),
            content: <MembersCard slug={room.slug} readOnly />,
          },
        ]
      : []),
    ...(!owner && (moderator || moderates)
      ? [
          {
            id: 'access',
            label: t('settings.access'),
            content: (
              <Card title={t('settings.access')}>
                <LockSwitch room={room} />
              </Card>
            ),
          },
        ]
      : []),
    { id: 'meetings', label: t('settings.meetings'), content: <MeetingsCard slug={room.slug} /> },
    ...(moderator || seesRecordings
      ? [
          {
            id: 'recordings',
            label: t('recording.title'),
            content: (
              <>
                {owner && <KeepRecordingsCard room={room} key={room.id} />}
                <RecordingsCard room={room} />
              </>
            ),
          },
        ]
      : []),
    {
      id: 'bans',
      label: t('settings.bans'),
      content: <BansCard slug={room.slug} readOnly={!moderator && !moderates} />,
    },
    { id: 'audit', label: t('settings.audit'), content: <RoomAuditCard slug={room.slug} /> },
  ];
  const selected = section ? sections.find(({ id }) => id === section) : sections[0];
  if (!selected) return <NotFound />;
  return (
    <Tabs
      label={t('room.settings')}
      sections={sections}
      selected={selected.id}
      onSelect={(id) => navigate(`/${room.slug}/settings/${id}`, { replace: true })}
    />
  );
}
