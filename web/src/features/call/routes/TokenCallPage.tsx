/** A call that a token of an API key leads into: for whoever tries out what a program's people see. The token stands behind
 * the `#`, which browsers send to nobody. */
import { RoomAudioRenderer, RoomContext, useLocalParticipant } from '@livekit/components-react';
import { ConnectionState, Room, RoomEvent } from 'livekit-client';
import { Mic, MicOff, PhoneOff, Video, VideoOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { Problem, problemText } from '../../../api/problem';
import { Button, IconButton } from '../../../primitives/Button';
import { Notice } from '../../../primitives/Notice';
import { pageStyles, useTitle } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { Brand } from '../../site';
import styles from '../components/Call.module.css';
import { Stage } from '../components/Stage';

export function TokenCallPage() {
  const { t } = useTranslation();
  const token = useLocation().hash.slice(1);
  const [room] = useState(() => new Room({ adaptiveStream: true, dynacast: true }));
  const [connected, setConnected] = useState(false);
  const [ended, setEnded] = useState(false);
  useTitle(t('tokenCall.title'));
  useEffect(() => {
    const follow = () => {
      setConnected(room.state !== ConnectionState.Disconnected);
      if (room.state === ConnectionState.Disconnected) setEnded(true);
    };
    room.on(RoomEvent.ConnectionStateChanged, follow);
    return () => {
      room.off(RoomEvent.ConnectionStateChanged, follow);
      void room.disconnect();
    };
  }, [room]);
  const { run, pending, failure } = useAction(async () => {
    setEnded(false);
    await room.connect(location.origin.replace(/^http/, 'ws'), token);
  });
  if (connected && !pending)
    return (
      <RoomContext value={room}>
        <Inside room={room} />
        <RoomAudioRenderer />
      </RoomContext>
    );
  return (
    <main className={`${pageStyles.narrow} ${pageStyles.stack}`}>
      <Brand />
      <h1>{t('tokenCall.title')}</h1>
      <p>{t(token ? 'tokenCall.text' : 'tokenCall.noToken')}</p>
      {ended && !failure && !pending && <Notice>{t('tokenCall.ended')}</Notice>}
      {failure !== null && (
        <Notice tone="danger">{t('tokenCall.failed', { why: whyNot(failure) })}</Notice>
      )}
      {token && (
        <Button look="primary" isPending={pending} onPress={() => void run()}>
          {t('tokenCall.join')}
        </Button>
      )}
    </main>
  );
}

/** What the server says stands as problem+json in livekit-client's message. */
function whyNot(failure: unknown) {
  const message = failure instanceof Error ? failure.message : '';
  const json = message.indexOf('{');
  if (json < 0) return message;
  try {
    const { status, code, detail } = JSON.parse(message.slice(json));
    return problemText(new Problem(status, code, detail));
  } catch {
    return message;
  }
}

function Inside({ room }: { room: Room }) {
  const { t } = useTranslation();
  const { isMicrophoneEnabled, isCameraEnabled, localParticipant } = useLocalParticipant();
  const [pinned, setPinned] = useState<string | null>(null);
  const microphone = useAction(() => localParticipant.setMicrophoneEnabled(!isMicrophoneEnabled));
  const camera = useAction(() => localParticipant.setCameraEnabled(!isCameraEnabled));
  const failure = microphone.failure ?? camera.failure;
  return (
    <div className={styles.call}>
      <header className={styles.top}>
        <h1>{room.name}</h1>
        <span className={pageStyles.itemHint}>
          {localParticipant.name || localParticipant.identity}
        </span>
      </header>
      {failure !== null && (
        <Notice tone="danger">{failure instanceof Error ? failure.message : ''}</Notice>
      )}
      <div className={styles.middle}>
        <main className={styles.stage} aria-label={t('call.stage')}>
          <Stage layout="auto" pinned={pinned} onPin={setPinned} />
        </main>
      </div>
      <footer className={styles.bar}>
        <IconButton
          look="outline"
          label={t(isMicrophoneEnabled ? 'participants.mute' : 'call.unmuteMicrophone')}
          onPress={() => void microphone.run()}
        >
          {isMicrophoneEnabled ? <Mic aria-hidden="true" /> : <MicOff aria-hidden="true" />}
        </IconButton>
        <IconButton
          look="outline"
          label={t(isCameraEnabled ? 'participants.stopCamera' : 'tokenCall.startCamera')}
          onPress={() => void camera.run()}
        >
          {isCameraEnabled ? <Video aria-hidden="true" /> : <VideoOff aria-hidden="true" />}
        </IconButton>
        <IconButton look="danger" label={t('call.leave')} onPress={() => void room.disconnect()}>
          <PhoneOff aria-hidden="true" />
        </IconButton>
      </footer>
    </div>
  );
}
