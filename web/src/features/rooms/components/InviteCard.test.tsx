import { cleanup, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { Room } from '../../../api/types';
import { show } from '../../../testing';
import { InviteCard } from './InviteCard';

const ROOM = {
  id: 'r-1',
  name: 'Weekly',
  url: 'https://meet.example.org/abc',
  access: 'public',
  guests_allowed: true,
  locked: false,
} as Room;

test('the sheet of the system is offered where there is one', async () => {
  show(<InviteCard room={ROOM} />);
  expect(screen.queryByRole('button', { name: 'Share' })).toBeNull();
  cleanup();
  const share = vi.fn(() => Promise.reject(new DOMException('', 'AbortError')));
  Object.defineProperty(navigator, 'share', { configurable: true, value: share });
  show(<InviteCard room={ROOM} />);
  await userEvent.click(screen.getByRole('button', { name: 'Share' }));
  expect(share).toHaveBeenCalledWith({ title: 'Weekly', url: ROOM.url });
  Reflect.deleteProperty(navigator, 'share');
});

test.each([
  [{}, /^Anyone with this link/],
  [{ guests_allowed: false }, /^Anyone with an account/],
  [{ access: 'private' }, /^Only people on the room’s list/],
  [{ locked: true }, /^The room is locked/],
] as const)('who comes in with the link is said: %o', (more, text) => {
  show(<InviteCard room={{ ...ROOM, ...more }} />);
  expect(screen.getByText(text)).toBeTruthy();
});

test('the text for later says what, when and where; without a date no file is made', async () => {
  // After `setup`, which brings a clipboard of its own.
  const user = userEvent.setup();
  show(<InviteCard room={ROOM} />);
  await user.click(screen.getByRole('button', { name: 'For later' }));
  const when = screen.getByLabelText('When');
  await user.clear(when);
  await user.type(when, '2030-05-06T09:30');
  await user.click(screen.getByRole('button', { name: 'Copy as text' }));
  expect(await navigator.clipboard.readText()).toMatch(
    /^Weekly\n.*2030.*\nhttps:\/\/meet\.example\.org\/abc$/,
  );
  await user.clear(when);
  expect(screen.getByRole('button', { name: 'Calendar file' }).hasAttribute('disabled')).toBe(true);
});
