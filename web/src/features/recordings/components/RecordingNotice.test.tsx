import { act, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import type { CallRecording } from '../hooks/useCallRecording';
import { RecordingNotice } from './RecordingNotice';

afterEach(() => {
  vi.useRealTimers();
});

type State = CallRecording['state'];
function notice(first: State) {
  const leave = vi.fn();
  const view = (state: State) => <RecordingNotice state={state} onLeave={leave} />;
  const { rerender } = render(view(first));
  return { leave, becomes: (state: State) => rerender(view(state)) };
}
const said = () => screen.getByRole('status').textContent;

test('the beginning is said, and to leave is offered', () => {
  const { becomes, leave } = notice('off');
  expect(said()).toBe('');
  becomes('starting');
  expect(said()).toBe('');
  becomes('on');
  expect(said()).toBe('This call is being recorded from now on.');
  fireEvent.click(screen.getByRole('button', { name: 'Leave the call' }));
  expect(leave).toHaveBeenCalled();
});

test('who comes later is told as well', () => {
  notice('on');
  expect(said()).toBe('This call is being recorded.');
  fireEvent.click(screen.getByRole('button', { name: 'Understood' }));
  expect(said()).toBe('');
});

test('the end is said and goes by itself', () => {
  vi.useFakeTimers();
  const { becomes } = notice('on');
  becomes('stopping');
  expect(said()).toBe('This call is no longer recorded.');
  expect(screen.queryByRole('button', { name: 'Leave the call' })).toBeNull();
  act(() => void vi.advanceTimersByTime(8_000));
  expect(said()).toBe('');
});

test('a recording that never began is not said to have ended', () => {
  const { becomes } = notice('starting');
  becomes('off');
  expect(said()).toBe('');
});
