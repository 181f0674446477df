/** The question before one recording or several are deleted. */
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../../api/problem';
import type { Recording } from '../../../api/types';
import { Confirm } from '../../../primitives/Dialog';
import { toast } from '../../../primitives/Toasts';
import { deleteRecordings } from '../api/deleteRecordings';

/** As many as the server deletes at once. */
export const MOST_AT_ONCE = 100;

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
    const { deleted, refused } = await deleteRecordings(recordings.map(({ id }) => id));
    void queryClient.invalidateQueries({ queryKey: ['recordings'] });
    if (deleted.length > 0) toast(t('recording.deleted', { count: deleted.length }));
    // Somebody else may have deleted one meanwhile: that is what was wanted.
    const kept = refused.find(({ code }) => code !== 'not_found');
    if (kept) throw new Problem(409, kept.code, '');
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
