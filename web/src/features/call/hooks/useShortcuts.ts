/** Single-key shortcuts of the call; off while typing, and switchable because some people speak to their keyboard. */
import { useEffect, useRef, useState } from 'react';

export type Shortcut =
  | 'microphone'
  | 'camera'
  | 'share'
  | 'hand'
  | 'chat'
  | 'participants'
  | 'layout'
  | 'help';
export const KEYS: Record<Shortcut, string> = {
  microphone: 'm',
  camera: 'v',
  share: 's',
  hand: 'h',
  chat: 'c',
  participants: 'p',
  layout: 'l',
  help: '?',
};
const STORED = 'convoke.shortcuts';

export function useShortcuts(actions: Partial<Record<Shortcut, () => void>>) {
  const [enabled, setEnabled] = useState(() => localStorage.getItem(STORED) !== 'off');
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    if (!enabled) return;
    const onKeyDown = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event);
      const action = shortcut && latest.current[shortcut];
      if (!action) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [enabled]);
  return {
    enabled,
    setEnabled: (on: boolean) => {
      localStorage.setItem(STORED, on ? 'on' : 'off');
      setEnabled(on);
    },
  };
}

export function shortcutOf(event: KeyboardEvent): Shortcut | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) {
    return null;
  }
  const target = event.target instanceof Element ? event.target : null;
  if (
    target?.closest(
      'input, textarea, select, [contenteditable], [role="menu"], [role="listbox"], [role="dialog"], [role="alertdialog"]',
    )
  ) {
    return null;
  }
  const key = event.key.toLowerCase();
  const found = Object.entries(KEYS).find(([, wanted]) => wanted === key);
  return (found?.[0] as Shortcut | undefined) ?? null;
}
