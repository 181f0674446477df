/** The question before a recording is stopped. */
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Confirm } from '../../../primitives/Dialog';
import { stopRecording } from '../api/stopRecording';

export function StopRecordingDialog({
  id,
  room,
  isOpen,
  onClose,
}: {
  id: string;
  room: string;
  isOpen: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  return (
    <Confirm
      title={t('recording.stopTitle')}
      text={t('recording.stopText')}
      action={t('recording.stop')}
      isOpen={isOpen}
      onClose={onClose}
      onConfirm={async () => {
        await stopRecording(id);
        void queryClient.invalidateQueries({ queryKey: ['room', room] });
        void queryClient.invalidateQueries({ queryKey: ['recordings'] });
      }}
    />
  );
}
