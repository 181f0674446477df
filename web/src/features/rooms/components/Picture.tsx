/** The drawing on the home page: a call, as calm shapes. */
import styles from './Home.module.css';

const TILES = [
  { x: 20, y: 20, hue: 232 },
  { x: 236, y: 20, hue: 190 },
  { x: 20, y: 150, hue: 330 },
  { x: 236, y: 150, hue: 18 },
];

export function Picture() {
  return (
    <svg viewBox="0 0 464 330" className={styles.picture} aria-hidden="true">
      <rect width="464" height="330" rx="28" fill="var(--surface)" stroke="var(--line)" />
      {TILES.map(({ x, y, hue }) => (
        <g key={hue} transform={`translate(${x} ${y})`}>
          <rect width="208" height="122" rx="16" fill={`hsl(${hue} 45% 52% / 16%)`} />
          <circle cx="104" cy="50" r="21" fill={`hsl(${hue} 50% 58%)`} />
          <path d="M58 122a46 44 0 0 1 92 0z" fill={`hsl(${hue} 50% 58%)`} />
        </g>
      ))}
      <rect
        x="20"
        y="20"
        width="208"
        height="122"
        rx="16"
        fill="none"
        stroke="var(--accent)"
        strokeWidth="3"
      />
      <g transform="translate(152 285)">
        <rect width="160" height="32" rx="16" fill="var(--surface-2)" />
        <circle cx="34" cy="16" r="9" fill="var(--line-strong)" />
        <circle cx="66" cy="16" r="9" fill="var(--line-strong)" />
        <circle cx="98" cy="16" r="9" fill="var(--line-strong)" />
        <rect x="118" y="7" width="28" height="18" rx="9" fill="var(--danger)" />
      </g>
    </svg>
  );
}
