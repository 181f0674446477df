/** Asks before a call is recorded: what the film shows, who will have it, and how long. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import type { RecordingLayout } from '../../../api/types';
import { Dialog } from '../../../primitives/Dialog';
import { DialogForm } from '../../../primitives/DialogForm';
import { Select, Switch, TextField } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { useAction } from '../../../primitives/useAction';
import { startRecording } from '../api/startRecording';
import { SpaceNotice } from './SpaceNotice';

const LAYOUTS: RecordingLayout[] = ['grid', 'speaker', 'single-speaker'];

export function StartRecordingDialog({
  room,
  kept,
  onClose,
}: {
  room: string;
  /** Days that the room's recordings are kept; null: until they are deleted. */
  kept: number | null;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [layout, setLayout] = useState<RecordingLayout>('grid');
  const [audioOnly, setAudioOnly] = useState(false);
  const [days, setDays] = useState('');
  const { run, pending, failure } = useAction(async () => {
    try {
      await startRecording(room, {
        layout,
        audio_only: audioOnly,
        ...(days === '' ? {} : { keep_days: Number(days) }),
      });
      onClose();
    } finally {
      // Also after a refusal: perhaps somebody else was quicker.
      void queryClient.invalidateQueries({ queryKey: ['room', room], exact: true });
    }
  });
  return (
    <Dialog title={t('recording.startTitle')} isOpen onClose={onClose}>
      <DialogForm
        action={t('recording.start')}
        pending={pending}
        failure={failure}
        onSubmit={() => void run()}
        onClose={onClose}
      >
        {!audioOnly && (
          <Select
            label={t('recording.picture')}
            choices={LAYOUTS.map((id) => ({ id, label: t(`recording.layout.${id}`) }))}
            value={layout}
            onChange={(id) => setLayout(id as RecordingLayout)}
          />
        )}
        <Switch
          label={t('recording.audioOnly')}
          hint={t('recording.audioOnlyHint')}
          isSelected={audioOnly}
          onChange={setAudioOnly}
        />
        <TextField
          name="keep_days"
          label={t('recording.keepFor')}
          rules={rulesOf('StartRecording', 'keep_days')}
          hint={
            kept === null
              ? t('recording.keepForHint')
              : t('recording.keepForAtMost', { count: kept })
          }
          type="number"
          inputMode="numeric"
          value={days}
          onChange={setDays}
        />
        <SpaceNotice />
        <Notice>
          <p>{t('recording.everybodyIsTold')}</p>
          <p>{t('recording.whoGetsIt')}</p>
        </Notice>
      </DialogForm>
    </Dialog>
  );
}
