/** What happens once nobody is signed in here any more: the start page, as a visitor. */
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { becomeUser } from '../identity';

export function useBecomeVisitor(): () => Promise<void> {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    // First away, and drawn: a page for signed-in people would lead its visitor to the sign-in form.
    await navigate('/', { flushSync: true });
    await becomeUser(queryClient, null);
  };
}
