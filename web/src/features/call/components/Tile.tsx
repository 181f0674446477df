/** One participant's camera or share: picture or initials, name, and what there is to know at a glance. */
import {
  type TrackReferenceOrPlaceholder,
  useConnectionQualityIndicator,
  useIsSpeaking,
  VideoTrack,
} from '@livekit/components-react';
import { Track } from 'livekit-client';
import { Hand, MicOff, Pin, PinOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Avatar } from '../../../primitives/Avatar';
import { IconButton } from '../../../primitives/Button';
import { Quality } from './Quality';
import styles from './Stage.module.css';

export function Tile({
  trackRef,
  pinned,
  onPin,
  size,
}: {
  trackRef: TrackReferenceOrPlaceholder;
  pinned: boolean;
  onPin: () => void;
  size?: { width: number; height: number };
}) {
  const { t } = useTranslation();
  const { participant, publication, source } = trackRef;
  const speaking = useIsSpeaking(participant);
  const { quality } = useConnectionQualityIndicator({ participant });
  const share = source === Track.Source.ScreenShare;
  const name = participant.name || participant.identity;
  const who = participant.isLocal ? t('call.you', { name }) : name;
  // What this tile shows, told apart from the person's other one.
  const title = share ? t('call.shareOf', { name: who }) : who;
  const shown =
    publication !== undefined && !publication.isMuted && publication.track !== undefined;
  const hand = !share && participant.attributes.hand_raised_at;
  return (
    <article
      className={styles.tile}
      style={size}
      aria-label={title}
      data-testid="tile"
      data-identity={participant.identity}
      data-source={source}
      data-speaking={speaking && !share}
      data-video={shown}
      data-local={participant.isLocal}
      data-hand={Boolean(hand)}
      data-quality={quality}
    >
      {shown && publication ? (
        <VideoTrack
          trackRef={{ participant, publication, source }}
          className={share ? styles.share : styles.video}
          data-mirror={participant.isLocal && !share}
          aria-hidden="true"
        />
      ) : (
        <span className={styles.face}>
          <Avatar name={name} size="100%" />
        </span>
      )}
      {hand && (
        <span className={styles.hand} title={t('call.handRaised')}>
          <Hand size={18} aria-hidden="true" />
          <span className="visually-hidden">{t('call.handRaised')}</span>
        </span>
      )}
      <div className={styles.caption}>
        {!participant.isMicrophoneEnabled && !share && (
          <MicOff size={15} aria-label={t('call.muted')} role="img" />
        )}
        <span className={styles.name}>{title}</span>
        {!share && <Quality quality={quality} />}
      </div>
      <div className={styles.tileTools}>
        <IconButton
          small
          round
          label={t(pinLabel(pinned, share), { name: who })}
          onPress={onPin}
          className={styles.tileTool}
        >
          {pinned ? <PinOff size={17} aria-hidden="true" /> : <Pin size={17} aria-hidden="true" />}
        </IconButton>
      </div>
    </article>
  );
}

function pinLabel(pinned: boolean, share: boolean) {
  if (share) return pinned ? 'call.unpinShare' : 'call.pinShare';
  return pinned ? 'call.unpin' : 'call.pin';
}
