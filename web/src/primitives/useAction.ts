/** One user action that talks to the server: pending, last failure, and never two at once. */
import { useCallback, useRef, useState } from 'react';

export function useAction<A extends unknown[], R>(action: (...args: A) => Promise<R>) {
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const busy = useRef(false);
  const latest = useRef(action);
  latest.current = action;
  const run = useCallback(async (...args: A): Promise<R | undefined> => {
    if (busy.current) return undefined;
    busy.current = true;
    setPending(true);
    setFailure(null);
    try {
      return await latest.current(...args);
    } catch (error) {
      setFailure(error);
      return undefined;
    } finally {
      busy.current = false;
      setPending(false);
    }
  }, []);
  return { run, pending, failure };
}
