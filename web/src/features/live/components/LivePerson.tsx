/** One participant as the media server has them: who, what they send, and what may be done about it. */
import {
  Ban,
  Braces,
  ChartLine,
  type LucideIcon,
  MicOff,
  MoreVertical,
  Pencil,
  ShieldCheck,
  UserX,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { LiveParticipant, LiveTrack } from '../../../api/types';
import { Avatar } from '../../../primitives/Avatar';
import { Button, IconButton } from '../../../primitives/Button';
import { CopyId } from '../../../primitives/CopyId';
import { Menu, type MenuAction } from '../../../primitives/Menu';
import { Badge } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import styles from './Live.module.css';

export type PersonAction = 'quality' | 'edit' | 'permissions' | 'kick' | 'ban' | 'raw';

export function LivePerson({
  person,
  own,
  onRecord,
  moderates,
  onAction,
  onMute,
}: {
  person: LiveParticipant;
  /** Whether the room is one of this site. */
  own: boolean;
  /** Whether the site's record has them inside, too. */
  onRecord: boolean;
  /** Whether the one who looks may do something about it. */
  moderates: boolean;
  onAction: (action: PersonAction) => void;
  onMute: (track: LiveTrack) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = person.name || person.identity;
  const on = (id: PersonAction, label: string, Icon: LucideIcon, danger = false): MenuAction => ({
    id,
    label,
    icon: <Icon size={18} aria-hidden="true" />,
    danger,
    run: () => onAction(id),
  });
  const actions = [
    ...(own && person.kind === 'standard' ? [on('quality', t('quality.title'), ChartLine)] : []),
    on('raw', t('live.raw'), Braces),
    ...(moderates
      ? [
          on('edit', t('live.edit'), Pencil),
          on('permissions', t('participants.permissions'), ShieldCheck),
          on('kick', t('participants.kick'), UserX, true),
        ]
      : []),
    ...(moderates && own ? [on('ban', t('participants.ban'), Ban, true)] : []),
  ];
  return (
    <li className={styles.person}>
      <div className={styles.personHead}>
        <Avatar name={name} size={38} />
        <div className={pageStyles.itemText}>
          <div className={pageStyles.itemTitle}>
            {name}
            {person.kind !== 'standard' && (
              <Badge tone="info">{t(`live.kind.${person.kind}`)}</Badge>
            )}
            {person.state !== 'active' && (
              <Badge tone="warn">{t(`live.state.${person.state}`)}</Badge>
            )}
            {person.permission.hidden && <Badge>{t('live.hidden')}</Badge>}
            {own && !onRecord && person.kind === 'standard' && (
              <Badge tone="warn">{t('live.notOnRecord')}</Badge>
            )}
          </div>
          <div className={pageStyles.itemHint}>
            <CopyId text={person.identity} /> · <CopyId text={person.sid} />
          </div>
          <div className={pageStyles.itemHint}>
            {[
              t('live.joined', { when: format.exactTime(person.joined_at) }),
              person.region,
              person.metadata && `${t('live.metadata')}: ${person.metadata}`,
            ]
              .filter(Boolean)
              .join(' · ')}
          </div>
        </div>
        <Menu
          label={t('participants.actionsFor', { name })}
          trigger={
            <IconButton small round look="quiet" label={t('participants.actionsFor', { name })}>
              <MoreVertical size={18} aria-hidden="true" />
            </IconButton>
          }
          actions={actions}
        />
      </div>
      {person.tracks.length > 0 && (
        <ul className={styles.tracks} aria-label={t('live.tracksOf', { name })}>
          {person.tracks.map((track) => (
            <Track
              key={track.sid}
              track={track}
              name={name}
              onMute={moderates ? () => onMute(track) : undefined}
            />
          ))}
        </ul>
      )}
    </li>
  );
}

function Track({
  track,
  name,
  onMute,
}: {
  track: LiveTrack;
  name: string;
  onMute?: (() => void) | undefined;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const source = t(`live.source.${track.source}`);
  const layers = track.codecs.flatMap(({ layers }) => layers);
  const told = [
    track.codecs.map(({ mime_type }) => mime_type).join(', ') || track.mime_type,
    track.width > 0 && `${track.width}×${track.height}`,
    track.simulcast &&
      layers.map(({ height, bitrate }) => `${height}p ${format.bits(bitrate)}`).join(', '),
    track.encryption !== 'none' && t('live.encrypted'),
  ];
  return (
    <li className={styles.track}>
      <span className={styles.trackText}>
        <strong>{source}</strong> {told.filter(Boolean).join(' · ')}
      </span>
      <CopyId text={track.sid} />
      {track.muted && <Badge>{t('live.muted')}</Badge>}
      {!track.muted && onMute && (
        <Button small aria-label={t('live.muteOf', { source, name })} onPress={onMute}>
          <MicOff size={16} aria-hidden="true" />
          {t('live.mute')}
        </Button>
      )}
    </li>
  );
}
