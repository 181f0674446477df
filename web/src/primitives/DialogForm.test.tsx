import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import { Problem } from '../api/problem';
import { Dialog } from './Dialog';
import { DialogForm } from './DialogForm';
import { TextField } from './Field';

const sent = vi.fn();
const closed = vi.fn();

function NewThing({ failure = null }: { failure?: unknown }) {
  const [name, setName] = useState('');
  return (
    <Dialog title="New thing" isOpen onClose={closed}>
      <DialogForm
        action="Make it"
        pending={false}
        failure={failure}
        onSubmit={() => sent(name)}
        onClose={closed}
      >
        <TextField name="name" label="Name" value={name} onChange={setName} isRequired />
      </DialogForm>
    </Dialog>
  );
}

test('what is missing is said first; then both Enter and the button send it', async () => {
  render(<NewThing />);
  await userEvent.click(screen.getByRole('button', { name: 'Make it' }));
  expect(sent).not.toHaveBeenCalled();
  const name = screen.getByLabelText('Name');
  expect(name.getAttribute('aria-invalid')).toBe('true');
  await userEvent.type(name, 'Boat{Enter}');
  expect(sent).toHaveBeenCalledWith('Boat');
  await userEvent.click(screen.getByRole('button', { name: 'Make it' }));
  expect(sent).toHaveBeenCalledTimes(2);
});

test('a refusal is said in the dialog, and the way back is open', async () => {
  render(<NewThing failure={new Problem(409, 'brand_new', 'There is one already.')} />);
  expect(screen.getByRole('alert').textContent).toBe('There is one already.');
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(closed).toHaveBeenCalled();
});
