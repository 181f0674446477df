import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { AuditRecord } from '../../../api/types';
import { show } from '../../../testing';
import { AuditItem } from './AuditItem';

const record = (update: Partial<AuditRecord>): AuditRecord => ({
  id: '1',
  at: 1_790_000_000_000,
  actor: { user_id: 'a', name: 'Ada' },
  action: 'room.updated',
  room_slug: 'abc-defg-hij',
  target: null,
  target_name: null,
  detail: {},
  ...update,
});

test('a change is told with both values, in words', async () => {
  const changes = {
    name: { from: 'Weekly', to: 'Daily' },
    access: { from: 'public', to: 'private' },
    'media.chat': { from: true, to: false },
    max_participants: { from: 0, to: 12 },
  };
  show(<AuditItem record={record({ detail: { changes } as never })} />);
  await screen.findByText('Room settings changed');
  expect(screen.getByText(/Name: Weekly → Daily/).textContent).toBe(
    'Name: Weekly → Daily · Access: public → private · Chat and reactions: on → off · Most people at once: 0 → 12',
  );
});

test('people are called by their names, never by their ids', async () => {
  const target = 'g-0190b7a2-1111-7000-8000-000000000000';
  show(<AuditItem record={record({ action: 'participant.kicked', target, target_name: 'Gus' })} />);
  await screen.findByText('Gus');
  expect(screen.queryByText(new RegExp(target))).toBeNull();
});

test('how many, and what a stream shows, is told', async () => {
  const tell = (action: string, detail: object) =>
    show(<AuditItem record={record({ action, detail: detail as never })} />);
  tell('agent.command_scaled', { count: 3 });
  await screen.findByText(/3 processes wanted/);
  tell('egress.updated', { added: 1, removed: 2 });
  await screen.findByText(/1 stream added · 2 streams removed/);
  tell('egress.updated', { layout: 'single-speaker' });
  await screen.findByText(/Speaker only/);
});
