/** Keeps a preference with the account, where there is one; one after another, so that the last word is the last. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { problemText } from '../../../api/problem';
import { toast } from '../../../primitives/Toasts';
import { useMe } from '../../auth';
import { getPreferences } from '../api/getPreferences';
import { type Change, updatePreferences } from '../api/updatePreferences';
import { follow } from './usePreferences';

/** Undefined where nobody is signed in: then a choice is this device's. */
export function useKeepPreferences(): ((change: Change, done?: () => void) => void) | undefined {
  const me = useMe();
  const queryClient = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: updatePreferences,
    scope: { id: 'preferences' },
    onMutate: async (change) => {
      // An answer from before would take this one back.
      await queryClient.cancelQueries({ queryKey: getPreferences.queryKey });
      follow({ ...queryClient.getQueryData(getPreferences.queryKey), ...change });
    },
    onSuccess: (kept) => {
      queryClient.setQueryData(getPreferences.queryKey, kept);
    },
    onError: (error) => {
      follow(queryClient.getQueryData(getPreferences.queryKey));
      toast(problemText(error), 'danger');
    },
  });
  return me ? (change, done) => mutate(change, { onSuccess: done }) : undefined;
}
