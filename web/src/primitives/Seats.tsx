/** The mark: seats round a table, those that are taken and at least one that is open. */
const SEATS = 6;
const ROUND = Array.from({ length: SEATS }, (_, seat) => {
  const turn = ((seat + 0.5) * 2 * Math.PI) / SEATS;
  return { cx: 16 + 9 * Math.sin(turn), cy: 16 - 9 * Math.cos(turn) };
});

/** `taken` of the six, from the one beside the open seat on; in the colour of the text around it. */
export function Seats({
  taken = SEATS - 1,
  size = 32,
  tile = false,
}: {
  taken?: number;
  size?: number;
  /** On a ground of its own, as the mark. */
  tile?: boolean;
}) {
  const colour = tile ? 'var(--on-accent)' : 'currentColor';
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
      {tile && <rect width="32" height="32" rx="9" fill="var(--accent)" />}
      {ROUND.map(({ cx, cy }, seat) =>
        seat > 0 && seat <= taken ? (
          <circle key={cx + cy * 32} cx={cx} cy={cy} r="3" fill={colour} />
        ) : (
          <circle
            key={cx + cy * 32}
            cx={cx}
            cy={cy}
            r="2.3"
            fill="none"
            stroke={colour}
            strokeWidth="1.4"
          />
        ),
      )}
    </svg>
  );
}
