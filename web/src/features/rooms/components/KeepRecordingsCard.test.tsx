import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { Room } from '../../../api/types';
import { serve, show } from '../../../testing';
import { KeepRecordingsCard } from './KeepRecordingsCard';

const room = (own: number, kept: number | null) =>
  ({
    id: '1',
    slug: 'abc',
    keep_recordings_days: own,
    recording: { active: null, allowed: true, keep_days: kept },
  }) as Room;

test('days are saved, and an empty field is the site’s rule', async () => {
  const asked = serve({ 'PATCH /api/rooms/abc': { body: room(7, 7) } });
  show(<KeepRecordingsCard room={room(0, 30)} />);
  await screen.findByText(/A new recording is kept for 30 days/);
  await userEvent.type(screen.getByLabelText('Days'), '7');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await vi.waitFor(() => expect(asked[0]?.body).toEqual({ keep_recordings_days: 7 }));
  await vi.waitFor(() =>
    expect((screen.getByLabelText('Days') as HTMLInputElement).value).toBe(''),
  );
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await vi.waitFor(() => expect(asked[1]?.body).toEqual({ keep_recordings_days: 0 }));
});

test('more than the site allows is told at the field', async () => {
  const errors = [{ field: 'keep_recordings_days', code: 'kept_too_long', detail: '' }];
  serve({ 'PATCH /api/rooms/abc': { status: 422, body: { code: 'validation_failed', errors } } });
  show(<KeepRecordingsCard room={room(7, 7)} />);
  await userEvent.click(await screen.findByRole('button', { name: 'Save' }));
  await screen.findByText('Recordings are not kept that long here.');
});
