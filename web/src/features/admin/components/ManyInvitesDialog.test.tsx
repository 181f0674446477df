import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { holdsThePage, serve, show } from '../../../testing';
import { ManyInvitesDialog } from './ManyInvitesDialog';

const invite = { id: '1', url: 'https://meet.example.org/sign-up?invite=x' };
const taken = { invite, fault: null };
const refused = { invite: null, fault: 'unknown_role' };

async function invited(lines: object[]) {
  serve({ 'POST /api/invites/bulk': { body: { lines } } });
  const onClose = vi.fn();
  show(<ManyInvitesDialog onMade={() => undefined} onClose={onClose} />);
  await userEvent.click(await screen.findByLabelText('One person on each line'));
  await userEvent.paste(lines.map((_, index) => `p${index}@example.org, P, admin`).join('\n'));
  await userEvent.click(screen.getByRole('button', { name: /^Invite \d/ }));
  await screen.findByRole('list', { name: 'What became of each line' });
  return onClose;
}

test('links that are told once are not lost by Escape, and by the button after a question', async () => {
  const onClose = await invited([taken]);
  expect(holdsThePage()).toBe(true);
  await userEvent.keyboard('{Escape}');
  expect(onClose).not.toHaveBeenCalled();
  const close = screen.getAllByRole('button', { name: 'Close' });
  expect(close).toHaveLength(1);
  await userEvent.click(close[0] as HTMLElement);
  const question = within(await screen.findByRole('alertdialog'));
  expect(onClose).not.toHaveBeenCalled();
  await userEvent.click(question.getByRole('button', { name: 'Close without them' }));
  await waitFor(() => expect(onClose).toHaveBeenCalled());
});

test('once they are downloaded, the dialog closes as any other', async () => {
  const onClose = await invited([taken]);
  vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => '#', revokeObjectURL() {} }));
  await userEvent.click(screen.getByRole('button', { name: 'Download the links (CSV)' }));
  expect(holdsThePage()).toBe(false);
  await userEvent.keyboard('{Escape}');
  expect(onClose).toHaveBeenCalled();
});

test('while they are made there is no way out', async () => {
  vi.stubGlobal('fetch', () => new Promise(() => undefined));
  const onClose = vi.fn();
  show(<ManyInvitesDialog onMade={() => undefined} onClose={onClose} />);
  await userEvent.click(await screen.findByLabelText('One person on each line'));
  await userEvent.paste('ada@example.org');
  await userEvent.click(screen.getByRole('button', { name: 'Invite 1 person' }));
  await waitFor(() =>
    expect(screen.getByRole('button', { name: 'Cancel' }).hasAttribute('disabled')).toBe(true),
  );
  await userEvent.keyboard('{Escape}');
  expect(onClose).not.toHaveBeenCalled();
});

test('where nobody is invited, that is not said to be good, and nothing keeps one there', async () => {
  const onClose = await invited([refused]);
  expect(screen.queryByText(/is invited|are invited/)).toBeNull();
  await userEvent.keyboard('{Escape}');
  expect(onClose).toHaveBeenCalled();
});

test('rights are counted before, and said of each line after', async () => {
  serve({ 'POST /api/invites/bulk': { body: { lines: [taken, taken, refused] } } });
  show(<ManyInvitesDialog onMade={() => undefined} onClose={() => undefined} />);
  await userEvent.click(await screen.findByLabelText('One person on each line'));
  await userEvent.paste('a@x.org, A, admin\nb@x.org\nc@x.org, C, amin');
  const preview = within(screen.getByRole('list', { name: 'Rights they get' }));
  expect(preview.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
    'Administrator: 1',
    'User: 1',
    'unknown rights: amin: 1',
  ]);
  await userEvent.click(screen.getByRole('button', { name: 'Invite 3 people' }));
  const results = await screen.findByRole('list', { name: 'What became of each line' });
  const lines = within(results).getAllByRole('listitem');
  expect(lines.map(({ textContent }) => textContent)).toEqual([
    'a@x.orgInvitedAdministratorA',
    'b@x.orgInvitedUser',
    'c@x.orgunknown rightsC',
  ]);
});
