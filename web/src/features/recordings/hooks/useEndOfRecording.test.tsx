import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { expect, test, vi } from 'vitest';
import * as toasts from '../../../primitives/Toasts';
import { serve } from '../../../testing';
import { useEndOfRecording } from './useEndOfRecording';

function ending(body: unknown, told = true) {
  const asked = serve({ 'GET /api/recordings/rec': { body } });
  const said = vi.spyOn(toasts, 'toast').mockReset();
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const { rerender } = renderHook(({ id }: { id: string | null }) => useEndOfRecording(id, told), {
    initialProps: { id: 'rec' as string | null },
    wrapper: ({ children }: { children: ReactNode }) => (
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    ),
  });
  rerender({ id: null });
  return { asked, said };
}

test.each([
  [{ state: 'failed', fault: 'no_answer', ending: null }, /did not answer/, ['danger']],
  [{ state: 'aborted', fault: 'never_began', ending: null }, /never began/, ['danger']],
  [{ state: 'processing', fault: null, ending: 'stopped' }, /as soon as it is ready/, []],
  [{ state: 'processing', fault: null, ending: 'limit_reached' }, /longest time/, []],
  [{ state: 'completed', fault: null, ending: 'failure' }, /broke off/, []],
] as const)('who runs the call is told what became of it: %o', async (recording, text, tone) => {
  const { said } = ending(recording);
  await vi.waitFor(() => expect(said).toHaveBeenCalledWith(expect.stringMatching(text), ...tone));
});

test('nobody else is, nor asks for what they may not see', async () => {
  const { asked, said } = ending({ state: 'failed', fault: 'refused', ending: null }, false);
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(asked).toEqual([]);
  expect(said).not.toHaveBeenCalled();
});
