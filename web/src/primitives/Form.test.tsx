import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test } from 'vitest';
import { Problem } from '../api/problem';
import { show } from '../testing';
import { Button } from './Button';
import { TextField } from './Field';
import { Form } from './Form';
import { useAction } from './useAction';

const refused = (field: string, code = 'invalid') =>
  new Problem(422, 'validation_failed', '', [{ field, code, detail: '' }]);

function Sheet({ send }: { send: (values: { name: string; email: string }) => Promise<void> }) {
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const { run, failure } = useAction(() => send({ name, email }));
  return (
    <Form
      failure={failure}
      onSubmit={() => void run()}
      actions={<Button type="submit">Send</Button>}
    >
      <TextField
        name="name"
        label="Name"
        value={name}
        onChange={setName}
        rules={{ maxLength: 4 }}
        isRequired
      />
      <TextField name="email" label="Mail" type="email" value={email} onChange={setEmail} />
    </Form>
  );
}
const send = () => userEvent.click(screen.getByRole('button', { name: 'Send' }));
const type = (label: string, text: string) => userEvent.type(screen.getByLabelText(label), text);

test('the page checks every field at once, in its own language, and goes to the first', async () => {
  let sent = 0;
  show(<Sheet send={async () => void sent++} />);
  await type('Mail', 'nobody');
  await send();
  await screen.findByText('This is required.');
  await screen.findByText('This is not an e-mail address.');
  expect(document.activeElement).toBe(screen.getByLabelText('Name'));
  await type('Name', '🙂🙂🙂🙂🙂');
  await send();
  await screen.findByText('At most 4 characters.');
  expect(sent).toBe(0);
});

test('after an error from the server the form can be sent again, corrected or not', async () => {
  let sent = 0;
  show(
    <Sheet
      send={async () => {
        sent += 1;
        if (sent < 3) throw refused('email', 'unknown_user');
      }}
    />,
  );
  await type('Name', 'Ada');
  await type('Mail', 'a@b');
  await send();
  await screen.findByText('No account has this e-mail.');
  expect(document.activeElement).toBe(screen.getByLabelText('Mail'));
  await send();
  expect(sent).toBe(2);
  await type('Mail', 'c');
  expect(screen.queryByText('No account has this e-mail.')).toBeNull();
  await send();
  expect(sent).toBe(3);
});

test('an error stays when its field is left, so that nothing moves under the next click', async () => {
  show(<Sheet send={async () => undefined} />);
  await send();
  await screen.findByText('This is required.');
  await userEvent.click(screen.getByLabelText('Name'));
  await userEvent.tab();
  expect(screen.getByText('This is required.')).toBeTruthy();
});

test('what concerns no field on the screen is said all the same', async () => {
  show(
    <Sheet
      send={async () => {
        throw refused('token');
      }}
    />,
  );
  await type('Name', 'Ada');
  await send();
  expect((await screen.findByRole('alert')).textContent).toBe(
    'Please check what you entered. This is not valid.',
  );
});
