/** What can be done with one tile: pin it, its volume, full screen, and for who moderates, silence and removal. */
import { type Participant, RemoteParticipant } from 'livekit-client';
import {
  Maximize2,
  MicOff,
  Minimize2,
  MoreVertical,
  Pin,
  PinOff,
  UserX,
  Volume2,
} from 'lucide-react';
import { type RefObject, useEffect, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { attempt } from '../../../primitives/attempt';
import { IconButton } from '../../../primitives/Button';
import { Confirm, Dialog } from '../../../primitives/Dialog';
import { Menu, type MenuAction } from '../../../primitives/Menu';
import { useFormat } from '../../../primitives/useFormat';
import { kick, muteTrack } from '../../participants';
import styles from './Stage.module.css';

/** What the one who looks may do to whom. */
export type Moderation = { room: string; actsOn: (identity: string) => boolean };

export function TileTools({
  participant,
  share,
  who,
  pinned,
  onPin,
  frame,
  moderation,
}: {
  participant: Participant;
  share: boolean;
  who: string;
  pinned: boolean;
  onPin: () => void;
  frame: RefObject<HTMLElement | null>;
  moderation: Moderation | null;
}) {
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<'volume' | 'kick' | null>(null);
  const full = useFullScreen(frame);
  const { identity, isLocal } = participant;
  const acts = !isLocal && moderation?.actsOn(identity) ? moderation.room : null;
  const pinAction: MenuAction = {
    id: 'pin',
    label: t(pinLabel(pinned, share), { name: who }),
    icon: pinned ? <PinOff size={18} aria-hidden="true" /> : <Pin size={18} aria-hidden="true" />,
    run: onPin,
  };
  const actions: MenuAction[] = [
    pinAction,
    ...(participant instanceof RemoteParticipant && !share
      ? [
          {
            id: 'volume',
            label: t('tile.volume'),
            icon: <Volume2 size={18} aria-hidden="true" />,
            run: () => setDialog('volume'),
          },
        ]
      : []),
    ...(document.fullscreenEnabled
      ? [
          {
            id: 'full',
            label: t('tile.full'),
            icon: <Maximize2 size={18} aria-hidden="true" />,
            run: () => void frame.current?.requestFullscreen().catch(() => undefined),
          },
        ]
      : []),
    ...(acts !== null && !share
      ? [
          {
            id: 'mute',
            label: t('participants.mute'),
            icon: <MicOff size={18} aria-hidden="true" />,
            disabled: !participant.isMicrophoneEnabled,
            run: () => void attempt(muteTrack(acts, identity, 'microphone')),
          },
          {
            id: 'kick',
            label: t('participants.kick'),
            icon: <UserX size={18} aria-hidden="true" />,
            danger: true,
            run: () => setDialog('kick'),
          },
        ]
      : []),
  ];
  const close = () => setDialog(null);
  return (
    <div className={styles.tileTools}>
      <IconButton
        small
        round
        label={pinAction.label}
        onPress={onPin}
        className={`${styles.tileTool} ${styles.pin}`}
      >
        {pinned ? <PinOff size={17} aria-hidden="true" /> : <Pin size={17} aria-hidden="true" />}
      </IconButton>
      {full ? (
        // Menus open outside of what fills the screen.
        <IconButton
          small
          round
          label={t('tile.leaveFull')}
          onPress={() => void document.exitFullscreen()}
          className={styles.tileTool}
        >
          <Minimize2 size={17} aria-hidden="true" />
        </IconButton>
      ) : (
        <Menu
          label={t('tile.menu', { name: who })}
          trigger={
            <IconButton
              small
              round
              label={t(share ? 'tile.menuOfScreen' : 'tile.menu', { name: who })}
              className={styles.tileTool}
            >
              <MoreVertical size={17} aria-hidden="true" />
            </IconButton>
          }
          actions={actions}
        />
      )}
      {dialog === 'volume' && participant instanceof RemoteParticipant && (
        <Volume participant={participant} name={who} onClose={close} />
      )}
      {dialog === 'kick' && acts !== null && (
        <Confirm
          title={t('participants.kickTitle', { name: who })}
          text={t('participants.kickText')}
          action={t('participants.kick')}
          isOpen
          onClose={close}
          onConfirm={() => kick(acts, identity)}
        />
      )}
    </div>
  );
}

function Volume({
  participant,
  name,
  onClose,
}: {
  participant: RemoteParticipant;
  name: string;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const id = useId();
  const [volume, setVolume] = useState(() => participant.getVolume() ?? 1);
  return (
    <Dialog title={t('tile.volumeOf', { name })} isOpen onClose={onClose}>
      <div className={styles.volume}>
        <label htmlFor={id}>{t('tile.volumeForMe')}</label>
        <input
          id={id}
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={volume}
          aria-valuetext={format.percent(volume)}
          onChange={({ currentTarget }) => {
            setVolume(currentTarget.valueAsNumber);
            participant.setVolume(currentTarget.valueAsNumber);
          }}
        />
        <output htmlFor={id}>{format.percent(volume)}</output>
      </div>
    </Dialog>
  );
}

function useFullScreen(frame: RefObject<HTMLElement | null>): boolean {
  const [full, setFull] = useState(false);
  useEffect(() => {
    const look = () =>
      setFull(frame.current !== null && document.fullscreenElement === frame.current);
    document.addEventListener('fullscreenchange', look);
    return () => document.removeEventListener('fullscreenchange', look);
  }, [frame]);
  return full;
}

function pinLabel(pinned: boolean, share: boolean) {
  if (share) return pinned ? 'call.unpinShare' : 'call.pinShare';
  return pinned ? 'call.unpin' : 'call.pin';
}
