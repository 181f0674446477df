import { act, fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type ComponentProps, useState } from 'react';
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

function Chat(props: Omit<ComponentProps<typeof ChatPanel>, 'draft' | 'onDraft'>) {
  const [draft, setDraft] = useState('');
  return <ChatPanel {...props} draft={draft} onDraft={setDraft} />;
}

test('Enter sends, Shift+Enter makes a new line, blanks are not sent', async () => {
  const send = vi.fn(nothing);
  show(<Chat messages={[]} allowed onSend={send} />);
  const input = screen.getByLabelText('Write a message');
  await userEvent.type(input, '  {Enter}');
  expect(send).not.toHaveBeenCalled();
  await userEvent.type(input, 'one{Shift>}{Enter}{/Shift}two{Enter}');
  expect(send).toHaveBeenCalledExactlyOnceWith('one\ntwo');
  expect(input).toHaveProperty('value', '');
});

test('a message that could not be sent stays in the field', async () => {
  show(
    <Chat
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

test('a text that is too long is counted and not sent, neither whole nor cut', async () => {
  const send = vi.fn(nothing);
  show(<Chat messages={[]} allowed onSend={send} />);
  const input = screen.getByLabelText('Write a message');
  fireEvent.change(input, { target: { value: 'a'.repeat(3_990) } });
  await screen.findByText('10 characters left');
  await userEvent.click(input);
  await userEvent.paste('b'.repeat(13));
  await screen.findByText('3 characters too many');
  expect(screen.getByRole('status').textContent).toMatch(/too long to send/);
  expect(input.getAttribute('aria-invalid')).toBe('true');
  await userEvent.keyboard('{Enter}');
  expect(screen.getByRole('button', { name: 'Send' })).toHaveProperty('disabled', true);
  expect(send).not.toHaveBeenCalled();
  await userEvent.keyboard('{Backspace}{Backspace}{Backspace}{Enter}');
  expect(send).toHaveBeenCalledExactlyOnceWith('a'.repeat(3_990) + 'b'.repeat(10));
});

test('what others write is text, whatever it looks like', () => {
  show(
    <Chat
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
  show(<Chat messages={[]} allowed={false} onSend={nothing} />);
  expect(screen.queryByLabelText('Write a message')).toBeNull();
  expect(screen.getByText('Chat is off for you in this room.')).toBeTruthy();
});

/** jsdom has no layout: a list of 300 px shows 100 of them. */
function withHeights(list: HTMLElement) {
  let top = 0;
  Object.defineProperties(list, {
    scrollHeight: { value: 300 },
    clientHeight: { value: 100 },
    scrollTop: { get: () => top, set: (value) => (top = Math.min(value, 200)) },
  });
}

const conversation = { say: (_: ChatMessage): void => undefined };
function Conversation() {
  const [messages, setMessages] = useState([message('first')]);
  conversation.say = (next) => setMessages((all) => [...all, next]);
  return <Chat messages={messages} allowed onSend={nothing} />;
}

test('a new message leaves alone who reads further up, and a button leads down to it', async () => {
  show(<Conversation />);
  const say = (text: string, own = false) => conversation.say({ ...message(text), own });
  const list = screen.getByRole('log');
  withHeights(list);
  act(() => say('second'));
  expect(list.scrollTop).toBe(200);
  list.scrollTop = 40;
  fireEvent.scroll(list);
  act(() => say('third'));
  act(() => say('fourth'));
  expect(list.scrollTop).toBe(40);
  await userEvent.click(screen.getByRole('button', { name: '2 new messages' }));
  expect(list.scrollTop).toBe(200);
  expect(screen.queryByRole('button', { name: /new message/ })).toBeNull();
  list.scrollTop = 40;
  fireEvent.scroll(list);
  act(() => say('mine', true));
  expect(list.scrollTop).toBe(200);
});
