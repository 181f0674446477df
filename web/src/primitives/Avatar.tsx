/** Initials on a colour that stays the same for the same name. */
import styles from './Avatar.module.css';

const HUES = [232, 262, 292, 330, 18, 160, 190, 208];

function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = [...(words[0] ?? '?')][0] ?? '?';
  const last = words.length > 1 ? ([...(words.at(-1) ?? '')][0] ?? '') : '';
  return (first + last).toUpperCase();
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
