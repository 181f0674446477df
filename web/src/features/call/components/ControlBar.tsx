/** The buttons under the call; on a phone the less urgent ones move into "more". */
import { useRoomContext } from '@livekit/components-react';
import { RoomEvent, Track } from 'livekit-client';
import {
  CircleStop,
  Disc,
  Hand,
  Info,
  Keyboard,
  LayoutDashboard,
  LayoutGrid,
  LogOut,
  MessageSquare,
  Mic,
  MicOff,
  MonitorUp,
  MoreVertical,
  Phone,
  PhoneOff,
  Presentation,
  Settings,
  Smile,
  Users,
  Video,
  VideoOff,
  Volume2,
  VolumeX,
  X,
} from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { Toolbar } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../../primitives/Button';
import { Confirm } from '../../../primitives/Dialog';
import { Menu, type MenuAction } from '../../../primitives/Menu';
import type { CallRecording } from '../../recordings';
import { maySend } from '../CallSession';
import type { CallActions, Panel } from '../hooks/useCallActions';
import { REACTIONS } from '../hooks/useReactions';
import { useRoomEvents } from '../hooks/useRoomEvents';
import { type Layout, nextLayout } from '../layout';
import { sounds } from '../sounds';
import styles from './Call.module.css';
import { DeviceMenu } from './DeviceMenu';

const EVENTS = [
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
  RoomEvent.LocalTrackPublished,
  RoomEvent.LocalTrackUnpublished,
  RoomEvent.ParticipantPermissionsChanged,
  RoomEvent.ParticipantAttributesChanged,
  RoomEvent.ConnectionStateChanged,
] as const;

export function ControlBar({
  actions,
  panel,
  unread,
  people,
  layout,
  moderator,
  recording,
}: {
  actions: CallActions;
  panel: Panel | null;
  unread: number;
  people: number;
  layout: Layout;
  moderator: boolean;
  /** Null for who may not record. */
  recording: CallRecording | null;
}) {
  const { t } = useTranslation();
  const room = useRoomContext();
  useRoomEvents(room, EVENTS);
  const [ending, setEnding] = useState(false);
  const [reacting, setReacting] = useState(false);
  const reactButton = useRef<HTMLButtonElement>(null);
  const sounding = sounds.use() === 'on';
  const local = room.localParticipant;
  const hand = Boolean(local.attributes.hand_raised_at);
  const canReact = local.permissions?.canPublishData ?? true;
  const canShare =
    maySend(local, Track.Source.ScreenShare) && Boolean(navigator.mediaDevices?.getDisplayMedia);
  const recordAction = ({ state, id }: CallRecording): MenuAction =>
    state === 'off'
      ? {
          id: 'record',
          label: t('recording.record'),
          icon: <Disc size={18} aria-hidden="true" />,
          run: actions.record,
        }
      : {
          id: 'stop-recording',
          label: t('recording.stop'),
          icon: <CircleStop size={18} aria-hidden="true" />,
          // What another program records has no name here yet, and what ends cannot be stopped again.
          disabled: id === null || state === 'stopping',
          run: actions.stopRecording,
        };
  const next = nextLayout(layout, room.remoteParticipants.size === 1);
  const { label, Icon } = LAYOUTS[next];
  const layoutAction: MenuAction = {
    id: 'layout',
    label: t(label),
    icon: <Icon size={18} aria-hidden="true" />,
    run: actions.toggleLayout,
  };
  const more: MenuAction[] = [
    layoutAction,
    ...(recording ? [recordAction(recording)] : []),
    {
      id: 'sounds',
      label: t(sounding ? 'call.soundsOff' : 'call.soundsOn'),
      icon: sounding ? (
        <VolumeX size={18} aria-hidden="true" />
      ) : (
        <Volume2 size={18} aria-hidden="true" />
      ),
      run: () => sounds.choose(sounding ? undefined : 'on'),
    },
    {
      id: 'connection',
      label: t('connect.title'),
      icon: <Info size={18} aria-hidden="true" />,
      run: actions.showConnection,
    },
    {
      id: 'shortcuts',
      label: t('shortcuts.title'),
      icon: <Keyboard size={18} aria-hidden="true" />,
      run: actions.showShortcuts,
    },
    ...(moderator
      ? [
          {
            id: 'settings',
            label: t('room.settings'),
            icon: <Settings size={18} aria-hidden="true" />,
            run: actions.openSettings,
          },
        ]
      : []),
  ];
  const phoneMore: MenuAction[] = [
    {
      id: 'hand',
      label: hand ? t('call.lowerHand') : t('call.raiseHand'),
      icon: <Hand size={18} aria-hidden="true" />,
      run: actions.toggleHand,
    },
    ...(canShare
      ? [
          {
            id: 'share',
            label: local.isScreenShareEnabled ? t('call.stopShare') : t('call.startShare'),
            icon: <MonitorUp size={18} aria-hidden="true" />,
            run: actions.toggleShare,
          },
        ]
      : []),
    {
      id: 'react',
      label: t('call.reactions'),
      icon: <Smile size={18} aria-hidden="true" />,
      disabled: !canReact,
      run: () => setReacting(true),
    },
    {
      id: 'participants',
      label: t('participants.title'),
      icon: <Users size={18} aria-hidden="true" />,
      run: actions.toggleParticipants,
    },
    ...more,
  ];
  const moreButton = (
    <IconButton round label={t('call.more')} className={styles.control}>
      <MoreVertical size={21} aria-hidden="true" />
    </IconButton>
  );
  return (
    <>
      {reacting && canReact && (
        <ReactionRow
          onReact={actions.react}
          onClose={() => {
            setReacting(false);
            reactButton.current?.focus();
          }}
        />
      )}
      <section className={styles.bar} aria-label={t('call.controls')}>
        <div className={styles.group}>
          <Control
            on={local.isMicrophoneEnabled}
            disabled={!maySend(local, Track.Source.Microphone)}
            label={
              local.isMicrophoneEnabled ? t('call.muteMicrophone') : t('call.unmuteMicrophone')
            }
            hint={t('call.microphoneForbidden')}
            onPress={actions.toggleMicrophone}
            icon={<Mic size={21} aria-hidden="true" />}
            offIcon={<MicOff size={21} aria-hidden="true" />}
            menu={<DeviceMenu kinds={['audioinput', 'audiooutput']} label={t('devices.audio')} />}
          />
          <Control
            on={local.isCameraEnabled}
            disabled={!maySend(local, Track.Source.Camera)}
            label={local.isCameraEnabled ? t('call.stopCamera') : t('call.startCamera')}
            hint={t('call.cameraForbidden')}
            onPress={actions.toggleCamera}
            icon={<Video size={21} aria-hidden="true" />}
            offIcon={<VideoOff size={21} aria-hidden="true" />}
            menu={<DeviceMenu kinds={['videoinput']} label={t('devices.camera')} />}
          />
          <span className={styles.wideOnly}>
            <IconButton
              round
              label={local.isScreenShareEnabled ? t('call.stopShare') : t('call.startShare')}
              isDisabled={!canShare}
              onPress={actions.toggleShare}
              className={local.isScreenShareEnabled ? styles.active : styles.control}
            >
              <MonitorUp size={21} aria-hidden="true" />
            </IconButton>
          </span>
          <span className={styles.wideOnly}>
            <IconButton
              round
              label={hand ? t('call.lowerHand') : t('call.raiseHand')}
              onPress={actions.toggleHand}
              className={hand ? styles.active : styles.control}
            >
              <Hand size={21} aria-hidden="true" />
            </IconButton>
          </span>
          <span className={styles.wideOnly}>
            <IconButton
              ref={reactButton}
              round
              label={t('call.reactions')}
              aria-expanded={reacting}
              isDisabled={!canReact}
              onPress={() => setReacting(!reacting)}
              className={reacting ? styles.active : styles.control}
            >
              <Smile size={21} aria-hidden="true" />
            </IconButton>
          </span>
        </div>
        <div className={styles.group}>
          <span className={styles.badged}>
            <IconButton
              round
              label={unread > 0 ? t('chat.openUnread', { count: unread }) : t('chat.title')}
              onPress={actions.toggleChat}
              className={panel === 'chat' ? styles.active : styles.control}
            >
              <MessageSquare size={21} aria-hidden="true" />
            </IconButton>
            {unread > 0 && (
              <span className={styles.unread} aria-hidden="true">
                {unread > 9 ? '9+' : unread}
              </span>
            )}
          </span>
          <span className={styles.wideOnly}>
            <IconButton
              round
              label={t('participants.open', { count: people })}
              tooltip={t('participants.title')}
              onPress={actions.toggleParticipants}
              className={panel === 'participants' ? styles.active : styles.control}
            >
              <Users size={21} aria-hidden="true" />
            </IconButton>
          </span>
          <span className={styles.wideOnly}>
            <Menu label={t('call.more')} placement="top end" trigger={moreButton} actions={more} />
          </span>
          <span className={styles.phoneOnly}>
            <Menu
              label={t('call.more')}
              placement="top end"
              trigger={moreButton}
              actions={phoneMore}
            />
          </span>
        </div>
        {moderator ? (
          <Menu
            label={t('call.leave')}
            placement="top end"
            trigger={<LeaveButton label={t('call.leave')} />}
            actions={[
              {
                id: 'leave',
                label: t('call.leaveCall'),
                icon: <LogOut size={18} aria-hidden="true" />,
                run: actions.leave,
              },
              {
                id: 'end',
                label: t('call.endForAll'),
                icon: <PhoneOff size={18} aria-hidden="true" />,
                danger: true,
                run: () => setEnding(true),
              },
            ]}
          />
        ) : (
          <LeaveButton label={t('call.leave')} onPress={actions.leave} />
        )}
        <Confirm
          title={t('call.endTitle')}
          text={t('call.endText')}
          action={t('call.endForAll')}
          isOpen={ending}
          onClose={() => setEnding(false)}
          onConfirm={actions.endForAll}
        />
      </section>
    </>
  );
}

const LAYOUTS = {
  auto: { label: 'call.autoLayout', Icon: LayoutDashboard },
  grid: { label: 'call.gridLayout', Icon: LayoutGrid },
  speaker: { label: 'call.speakerLayout', Icon: Presentation },
} as const;

/** One row that stays until it is closed: one reaction seldom comes alone. */
function ReactionRow({
  onReact,
  onClose,
}: {
  onReact: (emoji: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <section
      className={styles.reactionRow}
      aria-label={t('call.reactions')}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <Toolbar className={styles.reactionList} aria-label={t('call.reactions')}>
        {REACTIONS.map((emoji, i) => (
          <IconButton
            key={emoji}
            round
            look="quiet"
            label={t('call.reactWith', { emoji })}
            autoFocus={i === 0}
            onPress={() => onReact(emoji)}
          >
            <span aria-hidden="true" className={styles.emoji}>
              {emoji}
            </span>
          </IconButton>
        ))}
        <IconButton round look="quiet" label={t('call.closeReactions')} onPress={onClose}>
          <X size={20} aria-hidden="true" />
        </IconButton>
      </Toolbar>
    </section>
  );
}

function LeaveButton({ label, onPress }: { label: string; onPress?: () => void }) {
  return (
    <IconButton round look="stop" label={label} onPress={onPress} className={styles.leave}>
      <Phone size={22} aria-hidden="true" />
    </IconButton>
  );
}

function Control({
  on,
  disabled,
  label,
  hint,
  onPress,
  icon,
  offIcon,
  menu,
}: {
  on: boolean;
  disabled: boolean;
  label: string;
  hint: string;
  onPress: () => void;
  icon: ReactNode;
  offIcon: ReactNode;
  menu: ReactNode;
}) {
  return (
    <span className={styles.split} data-off={!on}>
      <IconButton
        round
        label={label}
        tooltip={disabled ? hint : label}
        isDisabled={disabled}
        onPress={onPress}
        className={styles.splitMain}
      >
        {on ? icon : offIcon}
      </IconButton>
      {menu}
    </span>
  );
}
