/** A recording's title, and how long it is kept. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import type { Recording } from '../../../api/types';
import { Dialog } from '../../../primitives/Dialog';
import { DialogForm } from '../../../primitives/DialogForm';
import { dayOf, endOf } from '../../../primitives/days';
import { TextField } from '../../../primitives/Field';
import { toast } from '../../../primitives/Toasts';
import { useAction } from '../../../primitives/useAction';
import { getRecording } from '../api/getRecording';
import { updateRecording } from '../api/updateRecording';

export function ChangeRecordingDialog({
  recording,
  onClose,
}: {
  recording: Recording;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const kept = recording.keep_until === null ? '' : dayOf(recording.keep_until);
  const [title, setTitle] = useState(recording.title);
  const [day, setDay] = useState(kept);
  const { run, pending, failure } = useAction(async () => {
    const changed = await updateRecording(recording.id, {
      ...(title.trim() === recording.title ? {} : { title: title.trim() }),
      // An untouched day may be the site's rule, which is not to become the recording's own.
      ...(day === kept ? {} : { keep_until: endOf(day) }),
    });
    queryClient.setQueryData(getRecording(recording.id).queryKey, changed);
    void queryClient.invalidateQueries({ queryKey: ['recordings'] });
    toast(t('common.saved'));
    onClose();
  });
  return (
    <Dialog title={t('recording.changeTitle')} isOpen onClose={onClose}>
      <DialogForm
        action={t('common.save')}
        pending={pending}
        failure={failure}
        onSubmit={() => void run()}
        onClose={onClose}
      >
        <TextField
          name="title"
          label={t('recording.name')}
          rules={rulesOf('UpdateRecording', 'title')}
          value={title}
          onChange={setTitle}
          isRequired
        />
        <TextField
          name="keep_until"
          label={t('recording.keepUntil')}
          hint={t('recording.keepUntilHint')}
          type="date"
          value={day}
          onChange={setDay}
        />
      </DialogForm>
    </Dialog>
  );
}
