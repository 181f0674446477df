/** Initials on a colour that stays the same for the same name. */
import styles from './Avatar.module.css';

const HUES = [232, 262, 292, 330, 18, 160, 190, 208];

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The first letter or digit of the first and the last word that have one: "(Bob)" is a B. */
export function initials(name: string): string {
  const letters = name.split(/\s+/).flatMap((word) => {
    const letter = [...segmenter.segment(word)].find(({ segment }) =>
      /^[\p{L}\p{N}]/u.test(segment),
    );
    return letter ? [letter.segment] : [];
  });
  const last = letters.length > 1 ? letters.at(-1) : '';
  return `${letters[0] ?? '?'}${last}`.toLocaleUpperCase();
}

function hueOf(name: string): number {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return HUES[sum % HUES.length] ?? 232;
}

export function Avatar({ name, size = 40 }: { name: string; size?: number | string }) {
  return (
    <span
      className={styles.avatar}
      aria-hidden="true"
      data-initials={initials(name)}
      style={{
        width: size,
        height: size,
        ['--hue' as string]: hueOf(name),
        fontSize: typeof size === 'number' ? size * 0.4 : undefined,
      }}
    />
  );
}
