import { fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { holdsThePage, show } from '../../../testing';
import { MadeLink } from './MadeLink';

const link = 'https://meet.example.org/sign-up?invite=x';
const made = <MadeLink notice="made" label="link" link={link} onClose={() => undefined} />;

test('a link that is shown once is not lost with the page before it is copied', async () => {
  const user = userEvent.setup();
  show(made);
  const copy = await screen.findByRole('button', { name: 'Copy link' });
  expect(holdsThePage()).toBe(true);
  await user.click(copy);
  await expect.poll(holdsThePage).toBe(false);
  expect(await navigator.clipboard.readText()).toBe(link);
});

test('it may be copied by hand as well', async () => {
  show(made);
  await screen.findByRole('button', { name: 'Copy link' });
  expect(holdsThePage()).toBe(true);
  const field = screen.getByRole<HTMLInputElement>('textbox');
  field.setSelectionRange(0, 3);
  fireEvent.copy(field);
  expect(holdsThePage()).toBe(true);
  field.select();
  fireEvent.copy(field);
  expect(holdsThePage()).toBe(false);
});
