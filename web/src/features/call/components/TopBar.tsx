/** The bar over the stage: where one is, what holds for the call, how long it has gone on, who is here, and the news. */
import { ConnectionState, type Room as LiveKitRoom } from 'livekit-client';
import { Lock, Users, Volume2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { Room } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { Badge } from '../../../primitives/Notice';
import { clock, useFormat } from '../../../primitives/useFormat';
import { type CallRecording, RecordingSign } from '../../recordings';
import type { Notice } from '../hooks/useAnnouncements';
import { isSilenced } from '../silenced';
import styles from './Call.module.css';
import { Notices } from './Notices';

export function TopBar({
  info,
  room,
  connection,
  recording,
  people,
  notice,
  onPeople,
}: {
  info: Pick<Room, 'name' | 'locked' | 'live'>;
  room: LiveKitRoom;
  connection: ConnectionState;
  recording: CallRecording['state'];
  people: number;
  notice: Notice | null;
  onPeople: () => void;
}) {
  const { t } = useTranslation();
  return (
    <header className={styles.top}>
      <h1>{info.name}</h1>
      {info.locked && (
        <Badge tone="warn">
          <Lock size={12} aria-hidden="true" />
          {t('room.locked')}
        </Badge>
      )}
      <RecordingSign state={recording} />
      {isSilenced(room) && connection === ConnectionState.Connected && (
        <Button small look="primary" onPress={() => void room.startAudio()}>
          <Volume2 size={17} aria-hidden="true" />
          {t('call.startAudio')}
        </Button>
      )}
      <span className={styles.space} />
      <Times startedAt={info.live.started_at} />
      <AriaButton
        className={styles.people}
        aria-label={t('call.people', { count: people })}
        onPress={onPeople}
      >
        <Users size={18} aria-hidden="true" />
        {people}
      </AriaButton>
      <Notices notice={notice} />
    </header>
  );
}

/** How long the call has gone on, and what time it is. */
function Times({ startedAt }: { startedAt: number | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [now, setNow] = useState(Date.now);
  // Who opens the call knows its beginning before the server has told it.
  const [entered] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      <span className={styles.time} title={t('call.duration')}>
        <span className="visually-hidden">{t('call.duration')} </span>
        {clock(Math.max(0, now - (startedAt ?? entered)))}
      </span>
      <span className={styles.time}>{format.time(now)}</span>
    </>
  );
}
