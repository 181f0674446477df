import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test } from 'vitest';
import { Problem } from '../api/problem';
import { show } from '../testing';
import { Confirm } from './Dialog';
import { TextField } from './Field';

const refused = (field: string) =>
  new Problem(422, 'validation_failed', '', [{ field, code: 'unheard_of', detail: 'Not that.' }]);

function Question({ error }: { error: Problem }) {
  const [open, setOpen] = useState(true);
  const [heir, setHeir] = useState('');
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Ask
      </button>
      <Confirm
        title="Delete it?"
        text="It is gone then."
        action="Delete"
        isOpen={open}
        onClose={() => setOpen(false)}
        onConfirm={() => Promise.reject(error)}
      >
        <TextField name="heir" label="To whom" value={heir} onChange={setHeir} />
      </Confirm>
    </>
  );
}
const confirm = () => userEvent.click(screen.getByRole('button', { name: 'Delete' }));

test('what the server has against a field is said at the field', async () => {
  show(<Question error={refused('heir')} />);
  await confirm();
  await screen.findByText('Not that.');
  expect(screen.getByLabelText('To whom').getAttribute('aria-invalid')).toBe('true');
});

test('against a field that is not on the screen it is said all the same', async () => {
  show(<Question error={refused('elsewhere')} />);
  await confirm();
  expect((await screen.findByRole('alert')).textContent).toMatch(/Not that\./);
});

test('a question that is asked again has forgotten the refusal', async () => {
  show(<Question error={refused('elsewhere')} />);
  await confirm();
  await screen.findByRole('alert');
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  await userEvent.click(screen.getByRole('button', { name: 'Ask' }));
  expect(screen.queryByRole('alert')).toBeNull();
});
