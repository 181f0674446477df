/** The question before one recording or several are deleted. */
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../../api/problem';
import type { Recording } from '../../../api/types';
import { Confirm } from '../../../primitives/Dialog';
import { toast } from '../../../primitives/Toasts';
import { deleteRecording } from '../api/deleteRecording';

export function DeleteRecordingsDialog({
  recordings,
  isOpen,
  onClose,
  onDeleted,
}: {
  recordings: Recording[];
  isOpen: boolean;
  onClose: () => void;
  onDeleted?: () => void;
}) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [only] = recordings;
  const one = recordings.length === 1 && only;
  const deleteAll = async () => {
    try {
      // One after the other: what is refused stops the rest, and the list shows how far it came.
      for (const { id } of recordings) await deleteRecording(id).catch(unlessGone);
    } finally {
      void queryClient.invalidateQueries({ queryKey: ['recordings'] });
    }
    toast(t('recording.deleted', { count: recordings.length }));
    onDeleted?.();
  };
  return (
    <Confirm
      title={
        one
          ? t('recording.deleteTitle', { title: one.title })
          : t('recording.deleteManyTitle', { count: recordings.length })
      }
      text={t('recording.deleteText')}
      action={t('common.delete')}
      isOpen={isOpen}
      onClose={onClose}
      onConfirm={deleteAll}
    />
  );
}

/** Somebody else deleted it meanwhile: that is what was wanted. */
function unlessGone(error: unknown): void {
  if (!(error instanceof Problem && error.status === 404)) throw error;
}
