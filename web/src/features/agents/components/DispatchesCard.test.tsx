import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { DispatchesCard } from './DispatchesCard';

test('the dispatches of a room are shown on demand, and taken back', async () => {
  const dispatch = {
    id: 'AD_1',
    agent_name: '',
    room: 'lesson',
    metadata: '',
    created_at: 0,
    jobs: 2,
  };
  let there = [dispatch];
  const asked = serve({
    'GET /api/auth/me': { body: { id: 'a', name: 'Ada', role: 'admin' } },
    'GET /api/agents/dispatches?room=lesson': () => ({ body: there }),
    'DELETE /api/agents/dispatches/AD_1?room=lesson': () => {
      there = [];
      return { status: 204 };
    },
  });
  show(<DispatchesCard />);
  expect(asked).toHaveLength(0);
  await userEvent.type(screen.getByLabelText('Room'), 'lesson');
  await userEvent.click(screen.getByRole('button', { name: 'Show' }));
  await screen.findByText(/2 jobs/);
  await userEvent.click(screen.getByRole('button', { name: /^Take back the dispatch/ }));
  const question = within(await screen.findByRole('alertdialog'));
  await userEvent.click(question.getByRole('button', { name: 'Take back' }));
  await screen.findByText(/No agent is wanted there/);
});
