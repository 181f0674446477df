/** Before the call: see oneself, choose devices, say one's name, and go in. */
import { useQuery } from '@tanstack/react-query';
import { ChevronDown, Mic, MicOff, Speaker, Video, VideoOff, Volume2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { rulesOf } from '../../../api/limits';
import { fieldErrors, Problem, problemText } from '../../../api/problem';
import type { Room, User } from '../../../api/types';
import { Avatar } from '../../../primitives/Avatar';
import { Button, IconButton } from '../../../primitives/Button';
import { Confirm } from '../../../primitives/Dialog';
import { Select, TextField } from '../../../primitives/Field';
import { Form } from '../../../primitives/Form';
import { Badge, Notice } from '../../../primitives/Notice';
import { toast } from '../../../primitives/Toasts';
import { useAction } from '../../../primitives/useAction';
import { useFormat } from '../../../primitives/useFormat';
import { SignInLink, useSignOut } from '../../auth';
import {
  type DeviceChoices,
  type DeviceFailure,
  DeviceHelp,
  LevelMeter,
  playTestSound,
  storeChoices,
  storedChoices,
  useDevices,
  usePreview,
} from '../../devices';
import { listParticipants } from '../../participants';
import { AppearanceMenu } from '../../preferences';
import { InviteCard } from '../../rooms';
import { Brand } from '../../site';
import type { CallSession } from '../CallSession';
import styles from './Lobby.module.css';

export function Lobby({
  session,
  room,
  me,
}: {
  session: CallSession;
  room: Room;
  me: User | null;
}) {
  const { t } = useTranslation();
  const [choices, setChoices] = useState(storedChoices);
  const [name, setName] = useState(choices.name);
  const change = (update: Partial<DeviceChoices>) => setChoices(storeChoices(update));
  const { allowed, reason } = room.join;
  // Who may not come in is told so, and not asked for a camera first.
  const open = allowed || reason === 'media_unavailable';
  const microphone = usePreview('audioinput', open && choices.microphone, choices.audioinput);
  const camera = usePreview('videoinput', open && choices.camera, choices.videoinput);
  const devices = useDevices(
    `${microphone.track?.mediaStreamTrack.id} ${camera.track?.mediaStreamTrack.id}`,
  );
  const hears = choices.microphone && microphone.failure === null;
  const sees = choices.camera && camera.failure === null;
  const joining = session.state.phase === 'joining';
  const waiting = session.state.phase === 'joining' && session.state.waiting;
  // The history keeps what it was told, also when one comes back from the first call.
  const justMade = Boolean((useLocation().state as { made?: boolean } | null)?.made);
  const made = justMade && !room.last_call_at;
  const failure = session.state.phase === 'lobby' ? session.state.failure : null;

  const [unfolded, setUnfolded] = useState(false);
  // Of the two ways in, the one that was pressed last.
  const seen = useRef(true);

  const enter = async () => {
    if (joining) return;
    const withCamera = sees && seen.current;
    if (!me) change({ name: name.trim() });
    const { room: livekit } = session;
    const { audioinput, videoinput, audiooutput } = choices;
    Object.assign(livekit.options.audioCaptureDefaults ?? {}, {
      deviceId: audioinput ?? undefined,
    });
    Object.assign(livekit.options.videoCaptureDefaults ?? {}, {
      deviceId: videoinput ?? undefined,
    });
    if (audiooutput)
      await livekit.switchActiveDevice('audiooutput', audiooutput).catch(() => false);
    await session.enter({
      name: me ? undefined : name.trim(),
      microphone: hears,
      camera: withCamera,
      takeTracks: () => [microphone.take(), withCamera ? camera.take() : undefined],
    });
  };

  return (
    <>
      <header className={styles.header}>
        <Brand />
        <AppearanceMenu />
      </header>
      <main className={open ? styles.lobby : `${styles.lobby} ${styles.closed}`}>
        {open && (
          <section className={styles.look} aria-label={t('lobby.preview')}>
            <div className={styles.picture}>
              <Preview track={camera.track} />
              {!camera.track && (
                <div className={styles.noPicture}>
                  <span className={styles.face}>
                    <Avatar name={(me ? me.name : name) || '?'} size="100%" />
                  </span>
                  <span>{sees ? t('lobby.cameraStarting') : t('lobby.cameraOff')}</span>
                </div>
              )}
              <div className={styles.toggles}>
                <IconButton
                  round
                  look={hears ? 'plain' : 'danger'}
                  label={choices.microphone ? t('call.muteMicrophone') : t('call.unmuteMicrophone')}
                  onPress={() => change({ microphone: !choices.microphone })}
                >
                  {hears ? (
                    <Mic size={20} aria-hidden="true" />
                  ) : (
                    <MicOff size={20} aria-hidden="true" />
                  )}
                </IconButton>
                <IconButton
                  round
                  look={sees ? 'plain' : 'danger'}
                  label={choices.camera ? t('call.stopCamera') : t('call.startCamera')}
                  onPress={() => change({ camera: !choices.camera })}
                >
                  {sees ? (
                    <Video size={20} aria-hidden="true" />
                  ) : (
                    <VideoOff size={20} aria-hidden="true" />
                  )}
                </IconButton>
                {microphone.track && <LevelMeter track={microphone.track.mediaStreamTrack} />}
              </div>
            </div>
            <DevicesHelp microphone={microphone} camera={camera} />
            <Button
              look="quiet"
              className={styles.fold}
              aria-expanded={unfolded}
              onPress={() => setUnfolded(!unfolded)}
            >
              {t('lobby.devices')}
              <ChevronDown size={18} aria-hidden="true" />
            </Button>
            <div className={styles.devices} data-unfolded={unfolded}>
              <Select
                whole
                label={t('devices.microphone')}
                icon={<Mic size={17} aria-hidden="true" />}
                choices={devices.audioinput}
                value={
                  microphone.track?.mediaStreamTrack.getSettings().deviceId ?? choices.audioinput
                }
                isDisabled={devices.audioinput.length === 0}
                onChange={(audioinput) => change({ audioinput })}
              />
              <Select
                whole
                label={t('devices.camera')}
                icon={<Video size={17} aria-hidden="true" />}
                choices={devices.videoinput}
                value={camera.track?.mediaStreamTrack.getSettings().deviceId ?? choices.videoinput}
                isDisabled={devices.videoinput.length === 0}
                onChange={(videoinput) => change({ videoinput })}
              />
              {devices.audiooutput.length > 0 && (
                <Select
                  whole
                  label={t('devices.speaker')}
                  icon={<Speaker size={17} aria-hidden="true" />}
                  choices={devices.audiooutput}
                  value={choices.audiooutput ?? devices.audiooutput[0]?.id ?? null}
                  onChange={(audiooutput) => change({ audiooutput })}
                />
              )}
              <SpeakerTest speaker={choices.audiooutput} />
            </div>
          </section>
        )}
        <section className={styles.enter}>
          <div>
            <h1>{room.name}</h1>
            <Presence room={room} />
          </div>
          {open && room.recording.active && <Notice tone="warn">{t('recording.inLobby')}</Notice>}
          {open ? (
            <Form
              className={styles.form}
              failure={fieldErrors(failure).name ? failure : null}
              onSubmit={() => void enter()}
            >
              {!me && (
                <TextField
                  name="name"
                  label={t('lobby.name')}
                  rules={rulesOf('JoinRoom', 'name')}
                  value={name}
                  onChange={setName}
                  isRequired
                  autoComplete="name"
                  autoFocus
                />
              )}
              {me && <Who name={me.name} />}
              {failure !== null && !fieldErrors(failure).name && <JoinFailure failure={failure} />}
              {waiting && <Notice tone="warn">{t('lobby.waiting')}</Notice>}
              {!waiting && reason === 'media_unavailable' && failure === null && (
                <Notice tone="warn">{t('lobby.mediaStarting')}</Notice>
              )}
              <Button
                type="submit"
                look="primary"
                wide
                isPending={joining}
                onPress={() => {
                  seen.current = true;
                }}
              >
                {joining ? t('lobby.joining') : t('lobby.join')}
              </Button>
              {sees && !joining && (
                <Button
                  type="submit"
                  look="outline"
                  wide
                  onPress={() => {
                    seen.current = false;
                  }}
                >
                  <VideoOff size={18} aria-hidden="true" />
                  {t('lobby.joinUnseen')}
                </Button>
              )}
              {waiting && (
                <Button wide onPress={() => session.cancel()}>
                  {t('common.cancel')}
                </Button>
              )}
              {!me && <SignInHint />}
            </Form>
          ) : (
            <Refused room={room} guest={!me} />
          )}
          {made && <InviteCard room={room} made />}
          <Link to="/connect" className={styles.connect}>
            {t('connect.title')}
          </Link>
        </section>
      </main>
    </>
  );
}

/** Under which name one goes in, and the way out of it. */
function Who({ name }: { name: string }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const signOut = useSignOut({ stays: true });
  return (
    <div className={styles.who}>
      <p className={styles.hint}>{t('lobby.as', { name })}</p>
      <Button small look="quiet" onPress={() => setAsking(true)}>
        {t('lobby.notYou')}
      </Button>
      <Confirm
        title={t('lobby.notYouTitle')}
        text={t('lobby.notYouText')}
        action={t('auth.signOut')}
        isOpen={asking}
        onClose={() => setAsking(false)}
        onConfirm={signOut}
      />
    </div>
  );
}

function SpeakerTest({ speaker }: { speaker: string | null }) {
  const { t } = useTranslation();
  const { run, pending } = useAction(() =>
    playTestSound(speaker).catch(() => toast(t('lobby.testFailed'), 'danger')),
  );
  return (
    <Button className={styles.test} isDisabled={pending} onPress={() => void run()}>
      <Volume2 size={18} aria-hidden="true" />
      {pending ? t('lobby.testing') : t('lobby.test')}
    </Button>
  );
}

type DevicePreview = { failure: DeviceFailure | null; retry: () => void };

function DevicesHelp({ microphone, camera }: { microphone: DevicePreview; camera: DevicePreview }) {
  if (microphone.failure !== null && microphone.failure === camera.failure) {
    const retry = () => {
      microphone.retry();
      camera.retry();
    };
    return <DeviceHelp device="both" failure={microphone.failure} onRetry={retry} />;
  }
  return (
    <>
      {microphone.failure && (
        <DeviceHelp device="microphone" failure={microphone.failure} onRetry={microphone.retry} />
      )}
      {camera.failure && (
        <DeviceHelp device="camera" failure={camera.failure} onRetry={camera.retry} />
      )}
    </>
  );
}

function Preview({ track }: { track: ReturnType<typeof usePreview<'videoinput'>>['track'] }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (!track || !element) return;
    track.attach(element);
    return () => {
      track.detach(element);
    };
  }, [track]);
  return track ? <video ref={video} className={styles.video} playsInline muted /> : null;
}

function Presence({ room }: { room: Room }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { participants } = room.live;
  const visible = participants > 0 && (room.role === 'owner' || room.role === 'moderator');
  const people = useQuery({ ...listParticipants(room.slug), enabled: visible, retry: false });
  const names = people.data?.items.map(({ name }) => name).slice(0, 4) ?? [];
  const inside =
    names.length > 0
      ? t('lobby.present', { count: participants, names: format.list(names) })
      : t('lobby.inside', { count: participants });
  // Seats are kept for people who are on their way in: a room can be full before anybody is inside. And whoever may not
  // know is told of nobody, which does not mean that nobody is there.
  const withheld = room.access === 'private' && room.role === 'visitor';
  const unknown = withheld || ['full', 'banned'].includes(room.join.reason ?? '');
  const empty = unknown ? null : t('lobby.nobody');
  return (
    <p className={styles.presence} role="status">
      {participants === 0 ? empty : inside}
      {room.locked && <Badge tone="warn">{t('room.locked')}</Badge>}
    </p>
  );
}

function JoinFailure({ failure }: { failure: unknown }) {
  const { t } = useTranslation();
  if (failure instanceof Problem) return <Notice tone="danger">{problemText(failure)}</Notice>;
  return (
    <Notice tone="danger">
      {t('lobby.connectFailed')}
      <Link to="/connect">{t('connect.title')}</Link>
    </Notice>
  );
}

function Refused({ room, guest }: { room: Room; guest: boolean }) {
  const { t } = useTranslation();
  const reason = room.join.reason ?? 'private';
  // The server asks a guest of a private room to sign in; that alone helps nobody who is no member.
  const text = guest && room.access === 'private' ? 'membersOnly' : reason;
  return (
    <div className={styles.form}>
      <Notice tone={reason === 'sign_in_required' ? 'info' : 'warn'}>{t(`problem.${text}`)}</Notice>
      {guest && <SignInLink wide />}
    </div>
  );
}

function SignInHint() {
  const { t } = useTranslation();
  const location = useLocation();
  return (
    <p className={styles.hint}>
      {t('lobby.haveAccount')}{' '}
      <Link to={`/sign-in?next=${encodeURIComponent(location.pathname)}`}>{t('auth.signIn')}</Link>
    </p>
  );
}
