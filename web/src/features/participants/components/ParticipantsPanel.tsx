/** Who is here, and for moderators what they may do about it. */
import { useQuery } from '@tanstack/react-query';
import type { Participant as CallParticipant } from 'livekit-client';
import {
  Ban,
  Hand,
  Link2,
  Mic,
  MicOff,
  MonitorX,
  MoreVertical,
  SlidersHorizontal,
  UserX,
  Video,
  VideoOff,
} from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import { problemText } from '../../../api/problem';
import type { Participant, Room, RoomRole } from '../../../api/types';
import { Avatar } from '../../../primitives/Avatar';
import { attempt } from '../../../primitives/attempt';
import { Button, IconButton } from '../../../primitives/Button';
import { copyText } from '../../../primitives/copyText';
import { Confirm } from '../../../primitives/Dialog';
import { Switch, TextField } from '../../../primitives/Field';
import { Menu, type MenuAction } from '../../../primitives/Menu';
import { Badge } from '../../../primitives/Notice';
import { toast } from '../../../primitives/Toasts';
import { updateRoom } from '../../rooms';
import { ban } from '../api/ban';
import { kick } from '../api/kick';
import { followParticipants } from '../api/listParticipants';
import { muteAll } from '../api/muteAll';
import { muteTrack } from '../api/muteTrack';
import { raiseHand } from '../api/raiseHand';
import { actsOn } from '../hooks/useActsOn';
import { byImportance } from '../order';
import styles from './Participants.module.css';
import { PermissionsDialog } from './PermissionsDialog';

type Question = { kind: 'kick' | 'ban' | 'permissions'; participant: CallParticipant };

export function ParticipantsPanel({
  slug,
  room,
  participants,
  moderator,
  runs,
  onLock,
}: {
  slug: string;
  room: Room;
  participants: CallParticipant[];
  moderator: boolean;
  /** Whether they also act upon moderators. */
  runs: boolean;
  onLock: (locked: boolean) => Promise<void>;
}) {
  const { t } = useTranslation();
  const known = useQuery(followParticipants(slug)).data?.items ?? [];
  const [question, setQuestion] = useState<Question | null>(null);
  const [reason, setReason] = useState('');
  const [alsoLock, setAlsoLock] = useState(false);
  const [accountsOnly, setAccountsOnly] = useState(false);
  const recordOf = (identity: string) => known.find((one) => one.identity === identity);
  const close = () => {
    setQuestion(null);
    setReason('');
    setAlsoLock(false);
    setAccountsOnly(false);
  };
  const asked = question?.participant;
  const askedGuest = asked ? Boolean(recordOf(asked.identity)?.guest) : false;
  const askedName = asked ? asked.name || asked.identity : '';
  return (
    <div className={styles.panel}>
      <div className={styles.tools}>
        <Button
          small
          look="outline"
          onPress={async () => {
            const copied = await copyText(room.url);
            toast(copied ? t('home.copied') : room.url);
          }}
        >
          <Link2 size={17} aria-hidden="true" />
          {t('home.copyLink')}
        </Button>
        {moderator && (
          <Button
            small
            look="outline"
            onPress={async () => {
              try {
                const { muted } = await muteAll(slug, 'microphone');
                toast(t('participants.mutedCount', { count: muted }));
              } catch (error) {
                toast(problemText(error), 'danger');
              }
            }}
          >
            <MicOff size={17} aria-hidden="true" />
            {t('participants.muteAll')}
          </Button>
        )}
      </div>
      {moderator && (
        <Switch
          label={t('room.lock')}
          hint={t('room.lockHint')}
          isSelected={room.locked}
          onChange={(locked) => void onLock(locked)}
        />
      )}
      <ul className={styles.list} aria-label={t('participants.title')}>
        {byImportance(participants).map((participant) => (
          <Row
            key={participant.identity}
            slug={slug}
            participant={participant}
            record={recordOf(participant.identity)}
            acts={moderator && actsOn(recordOf(participant.identity)?.role, runs)}
            ask={(kind) => setQuestion({ kind, participant })}
          />
        ))}
      </ul>
      <Confirm
        title={t('participants.kickTitle', { name: askedName })}
        text={t('participants.kickText')}
        action={t('participants.kick')}
        isOpen={question?.kind === 'kick'}
        onClose={close}
        onConfirm={async () => {
          if (asked) await kick(slug, asked.identity);
        }}
      />
      <Confirm
        title={t('participants.banTitle', { name: askedName })}
        text={t(askedGuest ? 'participants.banGuestText' : 'participants.banText')}
        action={t('participants.ban')}
        isOpen={question?.kind === 'ban'}
        onClose={close}
        onConfirm={async () => {
          if (!asked) return;
          // First the door, so that they do not slip through it meanwhile.
          if (alsoLock) await onLock(true);
          if (accountsOnly) await updateRoom(slug, { guests_allowed: false });
          await ban(slug, asked.identity, reason.trim());
        }}
      >
        {askedGuest && !room.locked && (
          <Switch label={t('participants.banLock')} isSelected={alsoLock} onChange={setAlsoLock} />
        )}
        {askedGuest && room.role === 'owner' && room.guests_allowed && (
          <Switch
            label={t('participants.banAccountsOnly')}
            isSelected={accountsOnly}
            onChange={setAccountsOnly}
          />
        )}
        <TextField
          name="reason"
          label={t('participants.banReason')}
          rules={rulesOf('BanParticipant', 'reason')}
          value={reason}
          onChange={setReason}
        />
      </Confirm>
      {question?.kind === 'permissions' && asked && (
        <PermissionsDialog
          slug={slug}
          participant={asked}
          permissions={recordOf(asked.identity)?.permissions}
          onClose={close}
        />
      )}
    </div>
  );
}

function Row({
  slug,
  participant,
  record,
  acts,
  ask,
}: {
  slug: string;
  participant: CallParticipant;
  record: Participant | undefined;
  /** Whether the one who looks may do something about them. */
  acts: boolean;
  ask: (kind: Question['kind']) => void;
}) {
  const { t } = useTranslation();
  const name = participant.name || participant.identity;
  const hand = participant.attributes.hand_raised_at;
  const { identity } = participant;
  const actions: MenuAction[] = [
    {
      id: 'mute',
      label: t('participants.mute'),
      icon: <MicOff size={18} aria-hidden="true" />,
      disabled: !participant.isMicrophoneEnabled,
      run: () => void attempt(muteTrack(slug, identity, 'microphone')),
    },
    {
      id: 'stop-camera',
      label: t('participants.stopCamera'),
      icon: <VideoOff size={18} aria-hidden="true" />,
      disabled: !participant.isCameraEnabled,
      run: () => void attempt(muteTrack(slug, identity, 'camera')),
    },
    {
      id: 'stop-share',
      label: t('participants.stopShare'),
      icon: <MonitorX size={18} aria-hidden="true" />,
      disabled: !participant.isScreenShareEnabled,
      run: () => void attempt(muteTrack(slug, identity, 'screen_share')),
    },
    {
      id: 'lower-hand',
      label: t('participants.lowerHand'),
      icon: <Hand size={18} aria-hidden="true" />,
      disabled: !hand,
      run: () => void attempt(raiseHand(slug, false, identity)),
    },
    {
      id: 'permissions',
      label: t('participants.permissions'),
      icon: <SlidersHorizontal size={18} aria-hidden="true" />,
      run: () => ask('permissions'),
    },
    {
      id: 'kick',
      label: t('participants.kick'),
      icon: <UserX size={18} aria-hidden="true" />,
      danger: true,
      run: () => ask('kick'),
    },
    {
      id: 'ban',
      label: t('participants.ban'),
      icon: <Ban size={18} aria-hidden="true" />,
      danger: true,
      run: () => ask('ban'),
    },
  ];
  const showMenu = acts && !participant.isLocal;
  return (
    <li className={styles.row} data-identity={identity}>
      <Avatar name={name} size={36} />
      <div className={styles.who}>
        <span className={styles.name}>{participant.isLocal ? t('call.you', { name }) : name}</span>
        <RoleBadge role={record?.role} guest={record?.guest} />
      </div>
      {hand && (
        <Hand size={18} className={styles.hand} role="img" aria-label={t('call.handRaised')} />
      )}
      {participant.isCameraEnabled ? (
        <Video size={18} role="img" aria-label={t('participants.cameraOn')} />
      ) : (
        <VideoOff
          size={18}
          className={styles.off}
          role="img"
          aria-label={t('participants.cameraOff')}
        />
      )}
      {participant.isMicrophoneEnabled ? (
        <Mic size={18} role="img" aria-label={t('participants.microphoneOn')} />
      ) : (
        <MicOff size={18} className={styles.off} role="img" aria-label={t('call.muted')} />
      )}
      {showMenu && (
        <Menu
          label={t('participants.actionsFor', { name })}
          trigger={
            <IconButton small round look="quiet" label={t('participants.actionsFor', { name })}>
              <MoreVertical size={18} aria-hidden="true" />
            </IconButton>
          }
          actions={actions}
        />
      )}
    </li>
  );
}

function RoleBadge({ role, guest }: { role: RoomRole | undefined; guest: boolean | undefined }) {
  const { t } = useTranslation();
  if (role === 'owner' || role === 'moderator')
    return <Badge tone="info">{t(`role.${role}`)}</Badge>;
  return guest ? <Badge>{t('role.guest')}</Badge> : null;
}
