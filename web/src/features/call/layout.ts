/** Where tiles go: the grid that shows the largest faces, and the choice of the big picture. */
export type Grid = { columns: number; rows: number; tileWidth: number; tileHeight: number };

const PHONE = 640;
const WIDEST = 16 / 9;

/** The columns and tile size that give `count` tiles the most area in a box; tiles stay between 4:3 (on an upright phone 4:5) and 16:9. */
export function bestGrid(count: number, width: number, height: number, gap: number): Grid {
  // Upright tiles cut a camera's sides away: worth it only where the box is upright as well.
  const narrowest = width < PHONE && height > width ? 0.8 : 4 / 3;
  let best: Grid = { columns: 1, rows: 1, tileWidth: 0, tileHeight: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const rows = Math.ceil(count / columns);
    let tileWidth = (width - gap * (columns - 1)) / columns;
    let tileHeight = (height - gap * (rows - 1)) / rows;
    if (tileWidth <= 0 || tileHeight <= 0) continue;
    if (tileWidth / tileHeight > WIDEST) tileWidth = tileHeight * WIDEST;
    if (tileWidth / tileHeight < narrowest) tileHeight = tileWidth / narrowest;
    if (tileWidth * tileHeight > best.tileWidth * best.tileHeight) {
      best = {
        columns,
        rows,
        tileWidth: Math.floor(tileWidth),
        tileHeight: Math.floor(tileHeight),
      };
    }
  }
  return best;
}

/** How many tiles fit on one page so that faces stay recognisable. */
export function tilesPerPage(width: number, height: number): number {
  const smallest = width < PHONE ? 150 * 130 : 230 * 150;
  return Math.max(2, Math.min(25, Math.floor((width * height) / smallest)));
}

export type Placed = { key: string; identity: string; share: boolean; local: boolean };
export type Layout = 'grid' | 'speaker';

/** The tile shown big, if any: what is pinned, then a share, then (in speaker layout) who talked last. */
export function focusedKey(
  tiles: Placed[],
  layout: Layout,
  pinned: string | null,
  speaker: string | null,
): string | null {
  if (pinned !== null && tiles.some((tile) => tile.key === pinned)) return pinned;
  const share = tiles.find((tile) => tile.share && !tile.local) ?? tiles.find((tile) => tile.share);
  if (share) return share.key;
  if (layout === 'grid') return null;
  const cameras = tiles.filter((tile) => !tile.share);
  const speaking = cameras.find((tile) => tile.identity === speaker && !tile.local);
  return (speaking ?? cameras.find((tile) => !tile.local) ?? cameras[0])?.key ?? null;
}
