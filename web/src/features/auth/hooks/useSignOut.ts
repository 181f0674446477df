/** Ends the session of this device and goes to the start page, or stays; says so when that failed. */
import { useQueryClient } from '@tanstack/react-query';
import { Problem, problemText } from '../../../api/problem';
import { toast } from '../../../primitives/Toasts';
import { signOut } from '../api/signOut';
import { becomeUser } from '../identity';
import { useStartAs } from './useStartAs';

/** `stays`: on a page that is for everybody. */
export function useSignOut({ stays = false } = {}): () => Promise<void> {
  const startAs = useStartAs();
  const queryClient = useQueryClient();
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
    await (stays ? becomeUser(queryClient, null) : startAs(null));
  };
}
