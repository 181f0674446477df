/** One participant's camera or share: picture or initials, name, and what there is to know at a glance. */
import {
  type TrackReference,
  type TrackReferenceOrPlaceholder,
  useConnectionQualityIndicator,
  useIsSpeaking,
  VideoTrack,
} from '@livekit/components-react';
import { Track } from 'livekit-client';
import { Hand, MicOff } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Avatar } from '../../../primitives/Avatar';
import { Quality } from './Quality';
import styles from './Stage.module.css';
import { type Moderation, TileTools } from './TileTools';

export function Tile({
  trackRef,
  pinned = false,
  onPin,
  size,
  moderation = null,
}: {
  trackRef: TrackReferenceOrPlaceholder;
  pinned?: boolean;
  /** Left out where a tile has no tools. */
  onPin?: () => void;
  size?: { width: number; height: number };
  moderation?: Moderation | null;
}) {
  const { t } = useTranslation();
  const frame = useRef<HTMLElement>(null);
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
      ref={frame}
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
      {/* It stays behind the picture, which may be late. */}
      {!share && (
        <span className={styles.face}>
          <Avatar name={name} size="100%" />
        </span>
      )}
      {shown && publication && (
        <Picture
          key={publication.trackSid}
          trackRef={{ participant, publication, source }}
          mirrored={participant.isLocal && !share}
        />
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
      {onPin && (
        <TileTools
          participant={participant}
          share={share}
          who={who}
          pinned={pinned}
          onPin={onPin}
          frame={frame}
          moderation={moderation}
        />
      )}
    </article>
  );
}

/** Seen from its first frame on. */
function Picture({ trackRef, mirrored }: { trackRef: TrackReference; mirrored: boolean }) {
  const [hasFrames, setHasFrames] = useState(false);
  const seen = () => setHasFrames(true);
  return (
    <VideoTrack
      trackRef={trackRef}
      className={trackRef.source === Track.Source.ScreenShare ? styles.share : styles.video}
      data-mirror={mirrored}
      data-frames={hasFrames}
      onLoadedData={seen}
      onPlaying={seen}
      aria-hidden="true"
    />
  );
}
