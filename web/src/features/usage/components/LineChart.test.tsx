import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import '../../../i18n';
import { LineChart } from './LineChart';

const points = [0, 3, 5, 0].map((people, index) => ({ at: index * 60_000, people }));

function show() {
  return render(
    <LineChart
      title="People"
      points={points}
      series={[{ id: 'people', label: 'In calls', of: ({ people }) => people }]}
      value={String}
      when={(at) => `minute ${at / 60_000}`}
    />,
  );
}

test('the picture has a table beside it that says the same', async () => {
  show();
  const figure = screen.getByRole('figure', { name: 'People' });
  const rows = within(figure).getAllByRole('row').slice(1);
  expect(rows.map(({ textContent }) => textContent)).toEqual(['minute 13', 'minute 25']);
  await userEvent.click(within(figure).getByRole('button', { name: 'Show as table' }));
  expect(figure.querySelector('svg[viewBox]')).toBeNull();
  expect(within(figure).getAllByRole('row')).toHaveLength(3);
});

test('lines never leave the picture', () => {
  const { container } = show();
  const numbers = [...container.querySelectorAll('path')].flatMap((path) =>
    (path.getAttribute('d') ?? '')
      .split(/[^\d.-]+/)
      .filter(Boolean)
      .map(Number),
  );
  expect(numbers.length).toBeGreaterThan(10);
  expect(numbers.every((number) => number >= 0 && number <= 640)).toBe(true);
});

test('no mark is written twice, and none is asked of nothing', () => {
  const value = (mark: number) => {
    if (!Number.isFinite(mark)) throw new RangeError(String(mark));
    return `${Math.round(mark)} bit/s`;
  };
  const { container } = render(
    <LineChart
      title="Bits"
      points={points.map(({ at }) => ({ at, bits: 1 }))}
      series={[{ id: 'bits', label: 'Bits', of: ({ bits }) => bits }]}
      value={value}
      when={String}
    />,
  );
  const texts = [...container.querySelectorAll('svg g > text')].map(
    ({ textContent }) => textContent,
  );
  expect(texts).toEqual(['0 bit/s', '1 bit/s']);
});
