import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { Recording } from '../../../api/types';
import { serve, show } from '../../../testing';
import { recording } from '../testing';
import { RecordingsPage } from './RecordingsPage';

const LIST = 'GET /api/recordings?limit=20';
const me = { 'GET /api/auth/me': { body: { id: 'u', name: 'Ada', role: 'user' } } };
const page = (items: Recording[], next_cursor: string | null = null) => ({
  body: { items, next_cursor },
});

function visit(table: Parameters<typeof serve>[0]) {
  const asked = serve({ ...me, ...table });
  show(<RecordingsPage />, '/recordings');
  return asked;
}
const menu = async (title: string, item: string) => {
  await userEvent.click(await screen.findByRole('button', { name: `Actions for ${title}` }));
  await userEvent.click(await screen.findByRole('menuitem', { name: item }));
};

test('a recording says whose it is, how long and how large', async () => {
  visit({ [LIST]: page([recording()]) });
  const item = within(await screen.findByRole('listitem'));
  expect(item.getByRole('link', { name: 'Planning' }).getAttribute('href')).toBe('/recordings/r-1');
  expect(item.getByText(/Weekly · .* · by Ada · 1:30 · 4\.2 MB/)).toBeTruthy();
  expect(item.getByText('Ready')).toBeTruthy();
});

test('a film is shown by its picture, which tells nothing new', async () => {
  visit({ [LIST]: page([recording({ has_poster: true })]) });
  const item = await screen.findByRole('listitem');
  const picture = item.querySelector('img') as HTMLImageElement;
  expect(picture.getAttribute('src')).toBe('/api/recordings/r-1/poster');
  expect(picture.alt).toBe('');
});

test('what is searched for, and the state, are asked of the server', async () => {
  const asked = visit({
    [LIST]: page([recording()]),
    'GET /api/recordings?q=a&limit=20': page([]),
    'GET /api/recordings?q=a&status=failed&limit=20': page([]),
  });
  await userEvent.type(await screen.findByLabelText('Search titles'), 'a');
  await screen.findByText('No recording matches.');
  await userEvent.click(screen.getByRole('button', { name: /All states/ }));
  await userEvent.click(await screen.findByRole('option', { name: 'Failed' }));
  await expect
    .poll(() => asked.map(({ call }) => call))
    .toContain('GET /api/recordings?q=a&status=failed&limit=20');
});

test.each([
  ['Oldest first', 'direction=asc'],
  ['By title', 'sort=title'],
  ['Longest first', 'sort=duration'],
  ['Largest first', 'sort=size'],
  ['By room', 'sort=room'],
])('the order “%s” is asked of the server', async (name, query) => {
  visit({
    [LIST]: page([recording({ id: 'r-2', title: 'Long' })], 'next'),
    [`GET /api/recordings?${query}&limit=20`]: page([recording({ title: 'First so' })], 'next'),
  });
  await screen.findByRole('link', { name: 'Long' });
  await userEvent.click(screen.getByRole('button', { name: /Newest first/ }));
  await userEvent.click(await screen.findByRole('option', { name }));
  await screen.findByRole('link', { name: 'First so' });
});

test('a film on its way shows how far it is, or since when it waits', async () => {
  const transfer = { bytes_done: 2_100_000, waiting_since: null };
  visit({
    [LIST]: page([
      recording({ id: '1', title: 'A', state: 'processing', transfer }),
      recording({
        id: '2',
        title: 'B',
        state: 'processing',
        transfer: { ...transfer, waiting_since: 1_790_000_000_000 },
      }),
    ]),
  });
  await screen.findByText('The film is being stored: 50%');
  const bar = screen.getByRole('progressbar', { name: 'Progress of A' }) as HTMLProgressElement;
  expect(bar.value).toBe(0.5);
  expect(screen.getByText(/safe on the recorder and waits for its store/)).toBeTruthy();
});

test.each([
  [{ state: 'failed', fault: 'no_answer' }, /recorder did not answer/],
  [{ state: 'aborted', fault: 'never_began' }, /never began/],
  [{ state: 'failed', fault: 'file_gone' }, /gone before it could be stored/],
  [{ state: 'completed', ending: 'failure' }, /the end may be missing/],
  [{ state: 'completed', ending: 'limit_reached' }, /longest time/],
] as const)('what went wrong is said in plain words: %o', async (update, text) => {
  visit({ [LIST]: page([recording(update)]) });
  await screen.findByText(text);
});

test('a title and the last day are changed; the site’s rule is left alone', async () => {
  const asked = visit({
    [LIST]: page([recording({ keep_until: 1_890_000_000_000 })]),
    'PATCH /api/recordings/r-1': { body: recording({ title: 'Sprint' }) },
  });
  await menu('Planning', 'Change…');
  const title = await screen.findByLabelText('Title');
  await userEvent.clear(title);
  await userEvent.type(title, 'Sprint');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await expect
    .poll(() => asked.find(({ call }) => call.startsWith('PATCH'))?.body)
    .toEqual({
      title: 'Sprint',
    });
});

test('a day that the site refuses is told at its field', async () => {
  const errors = [{ field: 'keep_until', code: 'too_late', detail: '' }];
  visit({
    [LIST]: page([recording()]),
    'PATCH /api/recordings/r-1': { status: 422, body: { code: 'validation_failed', errors } },
  });
  await menu('Planning', 'Change…');
  await userEvent.type(await screen.findByLabelText('Kept until'), '2031-01-01');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await screen.findByText('This site does not keep recordings that long.');
});

const several = [
  recording({ id: 'r-1', title: 'A' }),
  recording({ id: 'r-2', title: 'B' }),
  recording({ id: 'r-3', title: 'C', rights: { ...recording().rights, delete: false } }),
  recording({ id: 'r-4', title: 'D', state: 'recording' }),
];
const deleteChosen = async () => {
  await userEvent.click(await screen.findByRole('checkbox', { name: 'Choose all shown' }));
  await userEvent.click(screen.getByRole('button', { name: 'Delete 2 recordings' }));
  const question = await screen.findByRole('alertdialog', { name: 'Delete 2 recordings?' });
  await userEvent.click(within(question).getByRole('button', { name: 'Delete' }));
};

test('several are deleted after one question, but for those that are not one’s own', async () => {
  const body = { deleted: ['r-1'], refused: [{ id: 'r-2', code: 'not_found' }] };
  const asked = visit({ [LIST]: page(several), 'POST /api/recordings/delete': { body } });
  await deleteChosen();
  // What somebody else deleted meanwhile is gone as well.
  await expect.poll(() => screen.queryByRole('alertdialog')).toBeNull();
  expect(asked.find(({ call }) => call.endsWith('/delete'))?.body).toEqual({ ids: ['r-1', 'r-2'] });
});

test('what stays all the same is told', async () => {
  const body = { deleted: ['r-1'], refused: [{ id: 'r-2', code: 'still_recording' }] };
  visit({ [LIST]: page(several), 'POST /api/recordings/delete': { body } });
  await deleteChosen();
  expect((await screen.findByRole('alert')).textContent).toMatch(/goes on. Stop it first/);
});

test('what goes on cannot be chosen; films can be had together', async () => {
  visit({ [LIST]: page(several) });
  const box = await screen.findByRole('checkbox', { name: 'Choose D' });
  expect(box.hasAttribute('disabled')).toBe(true);
  await userEvent.click(screen.getByRole('checkbox', { name: 'Choose C' }));
  screen.getByRole('button', { name: 'Download 1 film' });
  expect(screen.queryByRole('button', { name: /^Delete/ })).toBeNull();
});

test('what goes on can be stopped, and not deleted', async () => {
  const asked = visit({
    [LIST]: page([recording({ state: 'recording', duration_ms: null, size: null })]),
    'POST /api/recordings/r-1/stop': { body: recording({ state: 'stopping' }) },
  });
  await userEvent.click(await screen.findByRole('button', { name: 'Actions for Planning' }));
  expect(screen.queryByRole('menuitem', { name: 'Delete' })).toBeNull();
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Stop recording' }));
  const question = await screen.findByRole('alertdialog');
  await userEvent.click(within(question).getByRole('button', { name: 'Stop recording' }));
  await expect.poll(() => asked.map(({ call }) => call)).toContain('POST /api/recordings/r-1/stop');
});

test('who may only watch is offered no more than that', async () => {
  const rights = { stop: false, change: false, delete: false, download: false, share: false };
  visit({ [LIST]: page([recording({ rights })]) });
  await screen.findByRole('link', { name: 'Play Planning' });
  expect(screen.queryByRole('button', { name: /Actions/ })).toBeNull();
});
