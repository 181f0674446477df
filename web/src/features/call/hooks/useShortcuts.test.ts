import { afterEach, expect, test } from 'vitest';
import { type Shortcut, shortcutOf } from './useShortcuts';

afterEach(() => document.body.replaceChildren());

function press(key: string, html = '<button>x</button>', more: KeyboardEventInit = {}) {
  document.body.innerHTML = html;
  let found: Shortcut | null = null;
  const listen = (event: KeyboardEvent) => {
    found = shortcutOf(event);
  };
  window.addEventListener('keydown', listen);
  const target = document.querySelector('[data-target]') ?? document.body.firstElementChild;
  target?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...more }));
  window.removeEventListener('keydown', listen);
  return found;
}

test('m is the microphone, also with caps lock; ? is help', () => {
  expect(press('m')).toBe('microphone');
  expect(press('M')).toBe('microphone');
  expect(press('?')).toBe('help');
  expect(press('x')).toBeNull();
});

test('typing and browser shortcuts never act on the call', () => {
  expect(press('m', '<textarea></textarea>')).toBeNull();
  expect(press('m', '<div role="dialog"><button data-target>x</button></div>')).toBeNull();
  expect(press('c', '<button>x</button>', { ctrlKey: true })).toBeNull();
  expect(press('m', '<button>x</button>', { repeat: true })).toBeNull();
});
