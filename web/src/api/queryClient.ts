/** The cache of server answers; a refusal is final, a lost network is tried again. */
import { QueryClient } from '@tanstack/react-query';
import { Problem } from './problem';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, error) => !(error instanceof Problem && error.status !== 0) && count < 2,
    },
  },
});
