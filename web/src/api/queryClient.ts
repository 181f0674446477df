/** The cache of server answers; a refusal is final, a lost network is tried again. */
import { QueryClient } from '@tanstack/react-query';
import { Problem } from './problem';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // A browser that thinks it is offline may reach a server in its own network; and waiting shows nothing.
      networkMode: 'always',
      refetchOnReconnect: true,
      staleTime: 5_000,
      retry: (count, error) => !(error instanceof Problem && error.status !== 0) && count < 2,
    },
  },
});
