import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { show } from '../testing';
import { ListTable } from './ListTable';
import { type Asked, exportOf, momentsOf, useList } from './useList';

const ALL = ['Ada', 'Grace', 'Linus'].map((name) => ({ id: name.toLowerCase(), name }));
const asked: Asked[] = [];
/** What answers wait for. */
let gate: Promise<void> = Promise.resolve();
/** Holds answers back until it is called. */
function hold() {
  let open = () => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  return open;
}

/** Two rows on a page; a cursor is the next row's number. */
async function answer(query: Asked) {
  asked.push(query);
  await gate;
  if (query.sort === 'broken') throw new Error('refused');
  const found = ALL.filter(({ name }) => name.includes(String(query.query ?? '')));
  if (query.direction === 'desc') found.reverse();
  const from = Number(query.cursor ?? 0);
  const next = from + 2 < found.length ? String(from + 2) : null;
  return { items: found.slice(from, from + 2), next_cursor: next };
}

function People() {
  const list = useList({ filters: ['query', 'role'], order: { sort: 'name', direction: 'asc' } });
  const page = useQuery({
    queryKey: [list.page],
    queryFn: () => answer(list.page),
    placeholderData: keepPreviousData,
  });
  return (
    <ListTable
      label="People"
      list={list}
      page={page}
      columns={[
        { id: 'name', label: 'Name', sorts: 'asc', cell: ({ name }) => name },
        { id: 'id', label: 'Id', cell: ({ id }) => id },
      ]}
      search={{ name: 'query', label: 'Search' }}
      filters={[
        { kind: 'choice', name: 'role', label: 'Role', choices: [{ id: 'king', label: 'King' }] },
      ]}
      empty="Nobody."
      nameOf={({ name }) => name}
      exportPath={(format) => exportOf('/export', list.asked, format)}
    />
  );
}

const names = () => screen.getAllByRole('rowheader').map((cell) => cell.textContent);
const button = (name: string | RegExp) => screen.getByRole('button', { name });
const start = async (path: string) => {
  const { router } = show(<People />, path, '/people');
  await screen.findByRole('grid', { name: 'People' });
  return router;
};

test('a heading says and turns the order, and the address has it', async () => {
  const router = await start('/people');
  const heading = screen.getByRole('columnheader', { name: /Name/ });
  expect(heading.getAttribute('aria-sort')).toBe('ascending');
  expect(screen.getByRole('columnheader', { name: 'Id' }).getAttribute('aria-sort')).toBeNull();
  await userEvent.click(heading);
  await waitFor(() => expect(heading.getAttribute('aria-sort')).toBe('descending'));
  expect(router.state.location.search).toBe('?sort=name&direction=desc');
  await waitFor(() => expect(names()[0]).toContain('Linus'));
});

test('pages go on and back, the way back too, and another order begins at the first', async () => {
  const router = await start('/people');
  expect(screen.getByText('Page 1')).toBeTruthy();
  await userEvent.click(button('Next'));
  await screen.findByText('Page 2');
  await waitFor(() => expect(names()).toHaveLength(1));
  expect(button('Next').hasAttribute('disabled')).toBe(true);
  await userEvent.click(button('Previous'));
  await screen.findByText('Page 1');
  expect(router.state.location.search).toBe('');
  await router.navigate(-1);
  await screen.findByText('Page 2');
  await userEvent.click(screen.getByRole('columnheader', { name: /Name/ }));
  await screen.findByText('Page 1');
  expect(router.state.location.search).toBe('?sort=name&direction=desc');
});

test('who follows a link to a later page sees it, and the way to the first', async () => {
  await start('/people?cursor=2');
  expect(screen.queryByText(/^Page/)).toBeNull();
  await userEvent.click(button('First page'));
  await screen.findByText('Page 1');
});

test('what is typed is searched for once it rests, from the first page on', async () => {
  const router = await start('/people?cursor=2');
  asked.length = 0;
  await userEvent.type(screen.getByRole('searchbox', { name: 'Search' }), 'Gra');
  await waitFor(() => expect(router.state.location.search).toBe('?query=Gra'));
  await waitFor(() => expect(names()).toHaveLength(1));
  expect(asked.map(({ query }) => query)).not.toContain('G');
}, 10_000);

test('a filter is a chip that can be taken away, and none found is said', async () => {
  const router = await start('/people?role=king');
  await userEvent.click(button('Remove the filter Role: King'));
  await waitFor(() => expect(router.state.location.search).toBe(''));
  await userEvent.type(screen.getByRole('searchbox', { name: 'Search' }), 'Zoe');
  await screen.findByText('Nothing found.');
  await userEvent.click(button('Clear filters'));
  await screen.findByRole('grid');
  expect((screen.getByRole('searchbox') as HTMLInputElement).value).toBe('');
});

test('a refusal is said, with a way to try again', async () => {
  show(<People />, '/people?sort=broken', '/people');
  await screen.findByRole('alert');
  expect(button('Try again')).toBeTruthy();
});

test('so many rows as somebody likes, and the raw data of each', async () => {
  const router = await start('/people?cursor=2');
  await userEvent.click(button(/Rows on a page/));
  await userEvent.click(await screen.findByRole('option', { name: '100 rows' }));
  await waitFor(() => expect(router.state.location.search).toBe('?size=100'));
  expect(asked.at(-1)?.limit).toBe(100);
  await userEvent.click(await screen.findByRole('button', { name: 'Actions for Ada' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Raw data (JSON)' }));
  await screen.findByText(/"id": "ada"/);
});

test('a file has the filters and the order, and no page', () => {
  const all = { query: 'a b', sort: 'name', direction: 'asc', role: undefined };
  expect(exportOf('/export', all, 'csv')).toBe(
    '/export?format=csv&query=a+b&sort=name&direction=asc',
  );
});

test('a last day is meant whole', () => {
  expect(momentsOf({ room: 'x', since: '2026-11-01', until: '2026-11-02' })).toEqual({
    room: 'x',
    from: new Date('2026-11-01T00:00').getTime(),
    to: new Date('2026-11-03T00:00').getTime(),
  });
});

test('while a page is on its way, the one after it is not asked for', async () => {
  await start('/people');
  asked.length = 0;
  const arrive = hold();
  await userEvent.click(button('Next'));
  await screen.findByText('Page 2');
  expect(button('Next').hasAttribute('disabled')).toBe(true);
  await userEvent.click(button('Next'));
  arrive();
  await waitFor(() => expect(names()).toHaveLength(1));
  expect(asked.map(({ cursor }) => cursor)).toEqual(['2']);
});

test('whoever turns a page or clears the filters is at the table, and hears what it shows', async () => {
  await start('/people');
  const said = () => screen.getAllByRole('status').map(({ textContent }) => textContent);
  await waitFor(() => expect(said()).toContain('Page 1, 2 rows'));
  const table = screen.getByRole('group', { name: 'People' });
  await userEvent.click(button('Next'));
  expect(document.activeElement).toBe(table);
  await waitFor(() => expect(said()).toContain('Page 2, 1 row'));
  await userEvent.type(screen.getByRole('searchbox', { name: 'Search' }), 'Zoe');
  await screen.findByText('Nothing found.');
  expect(said()).toContain('Page 1, 0 rows');
  const arrive = hold();
  await userEvent.click(button('Clear filters'));
  expect(document.activeElement).toBe(table);
  // Nothing is said to be there before it is known.
  expect(screen.queryByText(/Nobody|Nothing/)).toBeNull();
  arrive();
  await screen.findByRole('grid');
});
