/** Keeps a preference with the account, where there is one; one after another, so that the last word is the last. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { problemText } from '../../../api/problem';
import { toast } from '../../../primitives/Toasts';
import { useMe } from '../../auth';
import { getPreferences } from '../api/getPreferences';
import { type Change, updatePreferences } from '../api/updatePreferences';

export function useKeepPreferences() {
  const me = useMe();
  const queryClient = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: updatePreferences,
    scope: { id: 'preferences' },
    // An answer from before would take this one back.
    onMutate: () => queryClient.cancelQueries({ queryKey: getPreferences.queryKey }),
    onSuccess: (kept) => queryClient.setQueryData(getPreferences.queryKey, kept),
    onError: (error) => toast(problemText(error), 'danger'),
  });
  return (change: Change, done?: () => void) => {
    if (me) mutate(change, { onSuccess: done });
  };
}
