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
/** What somebody wishes; `auto` follows how many there are. */
export type Layout = 'auto' | 'grid' | 'speaker';
export type Arrangement =
  | { kind: 'alone' }
  /** One other person, large, and oneself small. */
  | { kind: 'two'; key: string }
  | { kind: 'large'; key: string; screen: boolean }
  | { kind: 'grid' };

/** Where everybody is; one's own screen has no place: a screen that shows itself shows a hall of mirrors. */
export function arranged(
  all: Placed[],
  layout: Layout,
  pinned: string | null,
  speaker: string | null,
): Arrangement {
  const tiles = all.filter((tile) => !isOwnScreen(tile));
  const pin = tiles.find((tile) => tile.key === pinned);
  if (pin) return { kind: 'large', key: pin.key, screen: pin.share };
  const screen = tiles.find((tile) => tile.share);
  if (screen) return { kind: 'large', key: screen.key, screen: true };
  const others = tiles.filter((tile) => !tile.local);
  const [first, second] = others;
  if (!first) return { kind: 'alone' };
  if (layout === 'speaker') {
    const large = others.find((tile) => tile.identity === speaker) ?? first;
    return { kind: 'large', key: large.key, screen: false };
  }
  if (layout === 'auto' && !second) return { kind: 'two', key: first.key };
  return { kind: 'grid' };
}

const isOwnScreen = ({ share, local }: Pick<Placed, 'share' | 'local'>) => share && local;

/** The layout that comes after this one; grid and automatic are the same for more than one other. */
export function nextLayout(layout: Layout, two: boolean): Layout {
  if (layout === 'speaker') return 'auto';
  return layout === 'auto' && two ? 'grid' : 'speaker';
}

/**
 * Places are kept: whoever leaves gives theirs to a newcomer, else to whoever is last, and nobody else moves.
 * `present` is everybody else in the order in which they came.
 */
export function placesKept(before: string[], present: string[]): string[] {
  const here = new Set(present);
  const newcomers = present.filter((key) => !before.includes(key));
  const places = before.map((key) => (here.has(key) ? key : (newcomers.shift() ?? null)));
  places.push(...newcomers);
  for (let free = places.indexOf(null); free !== -1; free = places.indexOf(null)) {
    const last = places.pop();
    if (free < places.length && last !== undefined) places[free] = last;
  }
  return places.filter((key) => key !== null);
}

/** Brings who speaks onto the first page: to the place of whoever was silent there the longest. */
export function broughtForward(
  places: string[],
  onFirstPage: number,
  speaker: string | null,
  spokeAt: ReadonlyMap<string, number>,
): string[] {
  const from = speaker === null ? -1 : places.indexOf(speaker);
  if (from < onFirstPage || onFirstPage < 1) return places;
  const at = (place: number) => spokeAt.get(places[place] ?? '') ?? 0;
  let to = 0;
  for (let place = 1; place < onFirstPage; place += 1) if (at(place) <= at(to)) to = place;
  const moved = [...places];
  [moved[to], moved[from]] = [places[from] ?? '', places[to] ?? ''];
  return moved;
}

/** Oneself is last on the first page: always in sight, and never in anybody's way. */
export function withOneself(others: string[], oneself: string | null, perPage: number): string[] {
  if (oneself === null) return others;
  const before = Math.min(others.length, Math.max(0, perPage - 1));
  return [...others.slice(0, before), oneself, ...others.slice(before)];
}
