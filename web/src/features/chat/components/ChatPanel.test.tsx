import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { show } from '../../../testing';
import type { ChatMessage } from '../hooks/useChat';
import { ChatPanel } from './ChatPanel';

const message = (text: string): ChatMessage => ({
  id: text,
  identity: 'g',
  name: 'Grace',
  text,
  at: 1_700_000_000_000,
  own: false,
});
const nothing = async () => undefined;

test('Enter sends, Shift+Enter makes a new line, blanks are not sent', async () => {
  const send = vi.fn(nothing);
  show(<ChatPanel messages={[]} allowed onSend={send} />);
  const input = screen.getByLabelText('Write a message');
  await userEvent.type(input, '  {Enter}');
  expect(send).not.toHaveBeenCalled();
  await userEvent.type(input, 'one{Shift>}{Enter}{/Shift}two{Enter}');
  expect(send).toHaveBeenCalledExactlyOnceWith('one\ntwo');
  expect(input).toHaveProperty('value', '');
});

test('a message that could not be sent stays in the field', async () => {
  show(
    <ChatPanel
      messages={[]}
      allowed
      onSend={async () => {
        throw new Error('closed');
      }}
    />,
  );
  await userEvent.type(screen.getByLabelText('Write a message'), 'hello{Enter}');
  await screen.findByText('The message could not be sent.');
  expect(screen.getByLabelText('Write a message')).toHaveProperty('value', 'hello');
});

test('what others write is text, whatever it looks like', () => {
  show(
    <ChatPanel
      messages={[message('<img src=x onerror=alert(1)> javascript:alert(1) https://a.test')]}
      allowed
      onSend={nothing}
    />,
  );
  expect(document.querySelector('img')).toBeNull();
  const links = screen.getAllByRole('link');
  expect(links.map((link) => link.getAttribute('href'))).toEqual(['https://a.test/']);
  expect(links[0]?.getAttribute('rel')).toContain('noopener');
});

test('who may not write sees why instead of a field', () => {
  show(<ChatPanel messages={[]} allowed={false} onSend={nothing} />);
  expect(screen.queryByLabelText('Write a message')).toBeNull();
  expect(screen.getByText('Chat is off for you in this room.')).toBeTruthy();
});
