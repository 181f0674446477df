/** Ends the session of this device and goes to the start page; says so when that failed. */
import { Problem, problemText } from '../../../api/problem';
import { toast } from '../../../primitives/Toasts';
import { signOut } from '../api/signOut';
import { useStartAs } from './useStartAs';

export function useSignOut(): () => Promise<void> {
  const startAs = useStartAs();
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
    await startAs(null);
  };
}
