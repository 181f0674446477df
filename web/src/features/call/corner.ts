/** In which corner of the stage one's own small picture is, and whether it is shown; remembered on this device. */
import { remembered } from '../../primitives/remembered';

const CORNERS = ['top-left', 'top-right', 'bottom-left', 'bottom-right'] as const;
export type Corner = (typeof CORNERS)[number];

export const ownCorner = remembered('convoke.own-corner', (text) =>
  CORNERS.find((corner) => corner === text),
);
export const ownHidden = remembered('convoke.own-hidden', (text) =>
  text === 'yes' ? ('yes' as const) : undefined,
);
export const FIRST_CORNER: Corner = 'bottom-right';

/** The corner nearest to a point of a box. */
export function nearestCorner(x: number, y: number, width: number, height: number): Corner {
  return `${y < height / 2 ? 'top' : 'bottom'}-${x < width / 2 ? 'left' : 'right'}`;
}

/** Where an arrow key leads; null of every other key. */
export function cornerByKey(corner: Corner, key: string): Corner | null {
  const [vertical, horizontal] = corner.split('-') as ['top' | 'bottom', 'left' | 'right'];
  switch (key) {
    case 'ArrowUp':
      return `top-${horizontal}`;
    case 'ArrowDown':
      return `bottom-${horizontal}`;
    case 'ArrowLeft':
      return `${vertical}-left`;
    case 'ArrowRight':
      return `${vertical}-right`;
    default:
      return null;
  }
}

/** Round the stage, for who presses instead of dragging. */
export function nextCorner(corner: Corner): Corner {
  const round: Corner[] = ['bottom-right', 'bottom-left', 'top-left', 'top-right'];
  return round[(round.indexOf(corner) + 1) % round.length] ?? FIRST_CORNER;
}
