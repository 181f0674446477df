/** All tiles, where `arranged` puts them: a card for who is alone, one large picture, or a grid. */
import {
  type TrackReferenceOrPlaceholder,
  useRoomContext,
  useTracks,
} from '@livekit/components-react';
import { RoomEvent, Track } from 'livekit-client';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../../primitives/Button';
import { ownCorner } from '../corner';
import { useFloor } from '../hooks/useFloor';
import { usePlaces } from '../hooks/usePlaces';
import { useRoomEvents } from '../hooks/useRoomEvents';
import { useSize } from '../hooks/useSize';
import { arranged, bestGrid, type Layout, tilesPerPage, withOneself } from '../layout';
import { OwnPicture } from './OwnPicture';
import styles from './Stage.module.css';
import { Tile } from './Tile';
import type { Moderation } from './TileTools';

const GAP = 10;
const PAGER = 52;
/** In a narrower stage one's own picture would lie over the card. */
const ROOM_BESIDE_CARD = 960;
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

type Placed = { key: string; ref: TrackReferenceOrPlaceholder };

export function Stage({
  layout,
  pinned,
  onPin,
  alone,
  moderation = null,
}: {
  layout: Layout;
  pinned: string | null;
  onPin: (key: string | null) => void;
  /** What whoever is alone sees instead of a large picture of themselves. */
  alone?: ReactNode;
  moderation?: Moderation | null;
}) {
  const room = useRoomContext();
  useRoomEvents(room, TILE_EVENTS);
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const { speaker, spokeAt } = useFloor(room);
  const corner = ownCorner.use();
  const tiles = inOrder(
    useTracks(
      [
        { source: Track.Source.Camera, withPlaceholder: true },
        { source: Track.Source.ScreenShare, withPlaceholder: false },
      ],
      { onlySubscribed: false },
    ),
  );
  const place = arranged(
    tiles.map(({ key, ref }) => ({
      key,
      identity: ref.participant.identity,
      share: isScreen(ref),
      local: ref.participant.isLocal,
    })),
    layout,
    pinned,
    speaker,
  );
  const cameras = tiles.filter(({ ref }) => !isScreen(ref));
  const own = cameras.find(({ ref }) => ref.participant.isLocal);
  const others = new Map(
    cameras.filter((tile) => tile !== own).map((tile) => [tile.ref.participant.identity, tile]),
  );
  // The pager has a place of its own, or it would stand over names.
  const paged = cameras.length > tilesPerPage(size.width, size.height);
  const height = paged ? size.height - PAGER : size.height;
  const perPage = tilesPerPage(size.width, height);
  const measured = size.width > 0;
  const places = usePlaces(
    [...others.keys()],
    measured ? perPage - 1 : Number.POSITIVE_INFINITY,
    speaker,
    spokeAt,
  );
  const seen = (identities: string[]) =>
    identities.flatMap((identity) => others.get(identity) ?? (own ? [own] : []));

  const show = ({ key, ref }: Placed, tileSize?: { width: number; height: number }) => (
    <Tile
      key={key}
      trackRef={ref}
      pinned={pinned === key}
      onPin={() => onPin(pinned === key ? null : key)}
      size={tileSize}
      moderation={moderation}
    />
  );
  const small = own && <Tile key={own.key} trackRef={own.ref} />;

  const inside = () => {
    if (place.kind === 'alone' && alone) {
      return (
        <div className={styles.alone} data-layout="alone">
          <div className={styles.card}>{alone}</div>
          {small && (
            <OwnPicture floating={size.width >= ROOM_BESIDE_CARD} stage={box}>
              {small}
            </OwnPicture>
          )}
        </div>
      );
    }
    const large = 'key' in place ? tiles.find(({ key }) => key === place.key) : undefined;
    if (large && place.kind === 'two') {
      return (
        <div className={styles.two} data-layout="two" data-own={corner ?? 'bottom-right'}>
          <div className={styles.big}>{show(large)}</div>
          {small && (
            <OwnPicture floating stage={box}>
              {small}
            </OwnPicture>
          )}
        </div>
      );
    }
    if (large && place.kind === 'large') {
      const screens = tiles.filter(({ ref }) => isScreen(ref) && !ref.participant.isLocal);
      const strip = [...screens, ...seen(places), ...(own ? [own] : [])].filter(
        (tile) => tile !== large,
      );
      return (
        <div className={styles.speaker} data-layout="speaker" data-screen={place.screen}>
          <div className={styles.big}>{show(large)}</div>
          {strip.length > 0 && (
            <div className={styles.strip}>{strip.map((tile) => show(tile))}</div>
          )}
        </div>
      );
    }
    const inGrid = withOneself(places, own ? own.ref.participant.identity : null, perPage);
    return (
      <Grid width={size.width} height={height} perPage={perPage} tiles={seen(inGrid)}>
        {show}
      </Grid>
    );
  };
  return (
    <div className={styles.box} ref={box}>
      {inside()}
    </div>
  );
}

function Grid({
  width,
  height,
  perPage,
  tiles,
  children: show,
}: {
  width: number;
  height: number;
  perPage: number;
  tiles: Placed[];
  children: (tile: Placed, size: { width: number; height: number }) => ReactNode;
}) {
  const { t } = useTranslation();
  const [page, setPage] = useState(0);
  const pages = Math.max(1, Math.ceil(tiles.length / perPage));
  const current = Math.min(page, pages - 1);
  const visible = tiles.slice(current * perPage, (current + 1) * perPage);
  const grid = bestGrid(visible.length, width, height, GAP);
  return (
    <div className={styles.gridBox} data-layout="grid" data-paged={pages > 1}>
      <div
        className={styles.grid}
        style={{ height, width: grid.columns * (grid.tileWidth + GAP) - GAP + 1, gap: GAP }}
      >
        {width > 0 &&
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

const isScreen = ({ source }: TrackReferenceOrPlaceholder) => source === Track.Source.ScreenShare;

/** By when people joined. */
function inOrder(refs: TrackReferenceOrPlaceholder[]): Placed[] {
  const time = ({ participant }: TrackReferenceOrPlaceholder) =>
    participant.joinedAt?.getTime() ?? Number.MAX_SAFE_INTEGER;
  return refs
    .map((ref) => ({ key: `${ref.participant.identity}:${ref.source}`, ref }))
    .sort((a, b) => time(a.ref) - time(b.ref) || a.key.localeCompare(b.key));
}
