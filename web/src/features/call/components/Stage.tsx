/** All tiles, as a grid or around one big picture. */
import {
  type TrackReferenceOrPlaceholder,
  useRoomContext,
  useTracks,
} from '@livekit/components-react';
import { RoomEvent, Track } from 'livekit-client';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../../primitives/Button';
import { useLastSpeaker } from '../hooks/useLastSpeaker';
import { useRoomEvents } from '../hooks/useRoomEvents';
import { useSize } from '../hooks/useSize';
import { bestGrid, focusedKey, type Layout, tilesPerPage } from '../layout';
import styles from './Stage.module.css';
import { Tile } from './Tile';

const GAP = 10;
const PAGER = 52;
const TILE_EVENTS = [
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
  RoomEvent.TrackSubscribed,
  RoomEvent.TrackUnsubscribed,
  RoomEvent.LocalTrackPublished,
  RoomEvent.LocalTrackUnpublished,
  RoomEvent.ParticipantNameChanged,
  RoomEvent.ParticipantAttributesChanged,
  RoomEvent.ConnectionStateChanged,
] as const;

export function Stage({
  layout,
  pinned,
  onPin,
}: {
  layout: Layout;
  pinned: string | null;
  onPin: (key: string | null) => void;
}) {
  const { t } = useTranslation();
  const room = useRoomContext();
  useRoomEvents(room, TILE_EVENTS);
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const speaker = useLastSpeaker(room);
  const [page, setPage] = useState(0);
  const refs = useTracks(
    [
      { source: Track.Source.Camera, withPlaceholder: true },
      { source: Track.Source.ScreenShare, withPlaceholder: false },
    ],
    { onlySubscribed: false },
  );
  const tiles = useMemo(() => ordered(refs), [refs]);
  const focus = focusedKey(
    tiles.map(({ key, ref }) => ({
      key,
      identity: ref.participant.identity,
      share: ref.source === Track.Source.ScreenShare,
      local: ref.participant.isLocal,
    })),
    layout,
    pinned,
    speaker,
  );
  const show = ({ key, ref }: KeyedTile, tileSize?: { width: number; height: number }) => (
    <Tile
      key={key}
      trackRef={ref}
      pinned={pinned === key}
      onPin={() => onPin(pinned === key ? null : key)}
      size={tileSize}
    />
  );
  const big = tiles.find(({ key }) => key === focus);
  if (big) {
    const others = tiles.filter(({ key }) => key !== focus);
    return (
      <div className={styles.speaker} ref={box} data-layout="speaker">
        <div className={styles.big}>{show(big)}</div>
        {others.length > 0 && (
          <div className={styles.strip}>{others.map((tile) => show(tile))}</div>
        )}
      </div>
    );
  }
  // The pager has a place of its own, or it would stand over names.
  const paged = tiles.length > tilesPerPage(size.width, size.height);
  const height = paged ? size.height - PAGER : size.height;
  const perPage = tilesPerPage(size.width, height);
  const pages = Math.max(1, Math.ceil(tiles.length / perPage));
  const current = Math.min(page, pages - 1);
  const visible = tiles.slice(current * perPage, (current + 1) * perPage);
  const grid = bestGrid(visible.length, size.width, height, GAP);
  return (
    <div className={styles.gridBox} ref={box} data-layout="grid" data-paged={pages > 1}>
      <div
        className={styles.grid}
        style={{ height, width: grid.columns * (grid.tileWidth + GAP) - GAP + 1, gap: GAP }}
      >
        {size.width > 0 &&
          visible.map((tile) => show(tile, { width: grid.tileWidth, height: grid.tileHeight }))}
      </div>
      {pages > 1 && (
        <nav className={styles.pages} aria-label={t('call.pages')}>
          <IconButton
            small
            round
            label={t('call.previousPage')}
            isDisabled={current === 0}
            onPress={() => setPage(current - 1)}
          >
            <ChevronLeft size={18} aria-hidden="true" />
          </IconButton>
          <span>{t('call.page', { page: current + 1, pages })}</span>
          <IconButton
            small
            round
            label={t('call.nextPage')}
            isDisabled={current === pages - 1}
            onPress={() => setPage(current + 1)}
          >
            <ChevronRight size={18} aria-hidden="true" />
          </IconButton>
        </nav>
      )}
    </div>
  );
}

type KeyedTile = { key: string; ref: TrackReferenceOrPlaceholder };

/** Oneself first, then the others by when they joined: tiles don't jump when somebody speaks. */
function ordered(refs: TrackReferenceOrPlaceholder[]): KeyedTile[] {
  const time = (ref: TrackReferenceOrPlaceholder) =>
    ref.participant.isLocal ? 0 : (ref.participant.joinedAt?.getTime() ?? Number.MAX_SAFE_INTEGER);
  return refs
    .map((ref) => ({ key: `${ref.participant.identity}:${ref.source}`, ref }))
    .sort((a, b) => time(a.ref) - time(b.ref) || a.key.localeCompare(b.key));
}
