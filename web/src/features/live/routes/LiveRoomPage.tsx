/** One live room: what the media server says of it, who is in it, and what an administrator does about it. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { Problem } from '../../../api/problem';
import type { LiveRoom } from '../../../api/types';
import { attempt } from '../../../primitives/attempt';
import { Button, LinkButton } from '../../../primitives/Button';
import { LiveRefresh } from '../../../primitives/LiveRefresh';
import { Empty, Failed, Loading, pageStyles, useTitle } from '../../../primitives/Page';
import { RawDialog } from '../../../primitives/RawDialog';
import { toast } from '../../../primitives/Toasts';
import { AgentsInRoomCard } from '../../agents';
import { useMay } from '../../auth';
import { useEvents } from '../../events';
import { muteAll } from '../../participants';
import { LiveRecordingsCard } from '../../recordings';
import { setLock } from '../../rooms';
import { getLiveRoom } from '../api/getLiveRoom';
import { listLiveParticipants } from '../api/listLiveParticipants';
import styles from '../components/Live.module.css';
import { LivePeople } from '../components/LivePeople';
import { LiveRoomFacts } from '../components/LiveRoomFacts';
import { DataDialog, EndDialog, MetadataDialog } from '../components/RoomDialogs';

export function LiveRoomPage() {
  const { t } = useTranslation();
  const { name = '' } = useParams();
  const [paused, setPaused] = useState(false);
  const room = useQuery({ ...getLiveRoom(name), enabled: !paused });
  const people = useQuery({ ...listLiveParticipants(name), enabled: !paused });
  const slug = room.data?.site_room?.slug;
  const seesRecordings = useMay('see_recordings');
  const seesSite = useMay('see_site');
  useEvents(slug, slug !== undefined);
  const title = room.data?.site_room?.name ?? name;
  useTitle(title);
  const ended = room.error instanceof Problem && room.error.code === 'not_found';
  return (
    <div className={pageStyles.stack}>
      <div>
        <LinkButton to="/admin/live" small>
          {t('live.back')}
        </LinkButton>
      </div>
      <div className={styles.title}>
        <h1>{title}</h1>
        <LiveRefresh
          paused={paused}
          lost={people.isError || (room.isError && !ended)}
          updatedAt={people.dataUpdatedAt}
          onChange={setPaused}
        />
      </div>
      {room.isPending && <Loading />}
      {ended && <Empty>{t('live.ended')}</Empty>}
      {ended && slug && (
        <div>
          <LinkButton to={`/${slug}/settings`}>{t('live.ofRoom', { name: title })}</LinkButton>
        </div>
      )}
      {room.isError && !ended && <Failed error={room.error} retry={() => void room.refetch()} />}
      {room.data && !ended && (
        <>
          <LiveRoomFacts room={room.data} reconciledAt={people.data?.reconciled_at} />
          {people.isError && <Failed error={people.error} retry={() => void people.refetch()} />}
          {people.data && <LivePeople room={room.data} people={people.data} />}
          {seesRecordings && slug && <LiveRecordingsCard slug={slug} />}
          {seesSite && <AgentsInRoomCard room={name} paused={paused} />}
          <RoomActions
            room={room.data}
            raw={{ room: room.data, people: people.data }}
            lookAgain={() => Promise.all([room.refetch(), people.refetch()])}
          />
        </>
      )}
    </div>
  );
}

type RoomAction = 'metadata' | 'data' | 'end' | 'raw';

function RoomActions({
  room,
  raw,
  lookAgain,
}: {
  room: LiveRoom;
  raw: unknown;
  /** Also while the page is paused: what one did oneself is seen. */
  lookAgain: () => Promise<unknown>;
}) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<RoomAction | null>(null);
  const moderates = useMay('moderate_rooms');
  const administers = useMay('administer');
  const onClose = () => setAsked(null);
  const own = room.site_room;
  const lock = (slug: string, locked: boolean) =>
    attempt(
      setLock(slug, locked).then(() => {
        toast(t(locked ? 'live.isLocked' : 'live.isUnlocked'));
        return lookAgain();
      }),
    );
  const mute = (slug: string) =>
    attempt(
      muteAll(slug, 'microphone').then(({ muted }) => {
        toast(t('participants.mutedCount', { count: muted }));
        return lookAgain();
      }),
    );
  return (
    <div className={pageStyles.row}>
      <Button onPress={() => setAsked('raw')}>{t('live.raw')}</Button>
      {administers && (
        <LinkButton to={`/admin/tokens?room=${encodeURIComponent(room.name)}`}>
          {t('live.makeToken')}
        </LinkButton>
      )}
      {moderates && (
        <>
          {own && (
            <>
              <Button onPress={() => void mute(own.slug)}>{t('participants.muteAll')}</Button>
              <Button onPress={() => void lock(own.slug, !own.locked)}>
                {t(own.locked ? 'live.unlock' : 'live.lock')}
              </Button>
            </>
          )}
          <Button onPress={() => setAsked('metadata')}>{t('live.editMetadata')}</Button>
          <Button onPress={() => setAsked('data')}>{t('live.sendData')}</Button>
          <Button look="dangerSoft" onPress={() => setAsked('end')}>
            {t('live.end')}
          </Button>
        </>
      )}
      {asked === 'metadata' && <MetadataDialog room={room} onClose={onClose} />}
      {asked === 'data' && <DataDialog room={room} onClose={onClose} />}
      {asked === 'end' && <EndDialog room={room} onClose={onClose} />}
      {asked === 'raw' && <RawDialog title={room.name} value={raw} onClose={onClose} />}
    </div>
  );
}
