/** Tells who runs the call what became of a recording: the film that comes, or why there is none. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from '../../../primitives/Toasts';
import { getRecording } from '../api/getRecording';

/** `id`: the recording that goes on, if one does; `told`: whether this person is one of those who may see it. */
export function useEndOfRecording(id: string | null, told: boolean): void {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const before = useRef(id);
  useEffect(() => {
    const ended = before.current;
    before.current = id;
    if (!told || ended === null || ended === id) return;
    const tell = async () => {
      const recording = await queryClient.fetchQuery({ ...getRecording(ended), staleTime: 0 });
      const { fault, ending, state } = recording;
      if (state === 'failed' || state === 'aborted') {
        toast(t(`recording.fault.${fault ?? 'recorder_failed'}`), 'danger');
      } else {
        toast(t(`recording.ending.${ending ?? 'stopped'}`));
      }
    };
    // Somebody may have deleted it meanwhile, and then there is nothing to tell.
    void tell().catch(() => undefined);
  }, [id, told, queryClient, t]);
}
