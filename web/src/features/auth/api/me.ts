/** The signed-in user, or null for a visitor. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';
import { Problem } from '../../../api/problem';
import type { User } from '../../../api/types';

export const getMe = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }): Promise<User | null> => {
    try {
      return await api.GET('/api/auth/me', { signal }).then(answer);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});
