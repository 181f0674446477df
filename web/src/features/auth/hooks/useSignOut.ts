/** Ends the session of this device and goes to the start page; says so when that failed. */
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { Problem, problemText } from '../../../api/problem';
import { toast } from '../../../primitives/Toasts';
import { signOut } from '../api/signOut';
import { becomeUser } from '../identity';

export function useSignOut(): () => Promise<void> {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    try {
      await signOut();
    } catch (error) {
      // A session that is gone already is as good as ended.
      if (!(error instanceof Problem && error.status === 401)) {
        toast(problemText(error), 'danger');
        return;
      }
    }
    // First away, and drawn: a page for signed-in people would lead its visitor to the sign-in form.
    await navigate('/', { flushSync: true });
    await becomeUser(queryClient, null);
  };
}
