import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(`src/${path}`, 'utf8').replace(/\/\*.*?\*\//gs, '');
const tokens = Object.fromEntries(
  [...read('tokens.css').matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [
    name,
    value,
  ]),
);
const rules = ['base.css', 'primitives/Button.module.css'].flatMap((path) =>
  [...read(path).matchAll(/([^{}]+)\{([^{}]*)\}/g)].flatMap(([, selectors = '', body = '']) =>
    selectors.split(',').map((selector) => ({ selector: selector.trim(), body })),
  ),
);

/** How strongly a selector speaks for the element, or null when it is about another. */
function strength(selector: string, tag: string, names: string[]): number | null {
  const parts = selector.match(/[.:[]?[\w-]+\]?/g) ?? [];
  const hovered = tag === 'a' ? ':hover' : '[data-hovered]';
  const about = parts.every((part) => part === tag || part === hovered || names.includes(part));
  if (!about || parts.join('') !== selector) return null;
  return parts.reduce((sum, part) => sum + (part === tag ? 1 : 10), 0);
}

function hoveredStyle(property: string, tag: string, look: string): string {
  const said = rules.flatMap(({ selector, body }) => {
    const value = new RegExp(`(?:^|[;\\s])${property}:\\s*([^;]+);`).exec(body)?.[1];
    const weight = strength(selector, tag, ['.button', look]);
    return value === undefined || weight === null ? [] : [{ value, weight }];
  });
  return said.reduce((best, one) => (one.weight >= best.weight ? one : best)).value;
}

type Rgb = number[];
function rgb(value: string, dark: boolean): Rgb {
  const hex = /^#(\w\w)(\w\w)(\w\w)$/.exec(value);
  if (hex) return hex.slice(1).map((two) => Number.parseInt(two, 16));
  const token = /^var\((--[\w-]+)\)$/.exec(value);
  if (token) return rgb(tokens[token[1] ?? ''] ?? '', dark);
  const pair = /^light-dark\((.+), (.+)\)$/.exec(value);
  if (pair) return rgb(pair[dark ? 2 : 1] ?? '', dark);
  const mix = /^color-mix\(in srgb, (.+) (\d+)%, (.+)\)$/.exec(value);
  if (!mix) throw new Error(`unread colour ${value}`);
  const [one, other] = [rgb(mix[1] ?? '', dark), rgb(mix[3] ?? '', dark)];
  const share = Number(mix[2]) / 100;
  return one.map((part, index) => part * share + (other[index] ?? 0) * (1 - share));
}

function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const LOOKS = ['plain', 'primary', 'outline', 'danger', 'dangerSoft', 'quiet'];

test.each(LOOKS)('a %s button under the pointer can be read, in both themes', (look) => {
  for (const tag of ['button', 'a']) {
    for (const dark of [false, true]) {
      const [text = 0, ground = 0] = ['color', 'background'].map((property) =>
        luminance(rgb(hoveredStyle(property, tag, `.${look}`), dark)),
      );
      const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
      expect(contrast, `${tag} ${dark ? 'dark' : 'light'}`).toBeGreaterThan(4.5);
    }
  }
});
