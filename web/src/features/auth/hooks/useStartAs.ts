/** Goes to the start page as who one is from now on: a visitor, or somebody with another role. */
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import type { User } from '../../../api/types';
import { becomeUser } from '../identity';

export function useStartAs(): (user: User | null) => Promise<void> {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return async (user) => {
    // First away, and drawn: the page one is on may not be for who one is now, and would say so.
    await navigate('/', { flushSync: true });
    await becomeUser(queryClient, user);
  };
}
