/** The drawing on the start page: people round a table, and the seat that is free for whoever reads this. */
import styles from './Home.module.css';

const SEATS = ['AK', 'BO', 'CL', 'DM', 'EV', ''].map((initials, seat) => {
  const turn = ((seat + 1.5) * 2 * Math.PI) / 6;
  return { initials, x: 160 + 104 * Math.sin(turn), y: 160 - 104 * Math.cos(turn) };
});

export function Picture() {
  return (
    <svg viewBox="0 0 320 320" className={styles.picture} aria-hidden="true">
      <circle cx="160" cy="160" r="52" fill="var(--surface-2)" />
      {SEATS.map(({ initials, x, y }) =>
        initials === '' ? (
          <circle key="free" cx={x} cy={y} r="36" className={styles.free} />
        ) : (
          <g key={initials}>
            <circle cx={x} cy={y} r="38" fill="var(--accent)" />
            <text x={x} y={y} className={styles.initials}>
              {initials}
            </text>
          </g>
        ),
      )}
    </svg>
  );
}
