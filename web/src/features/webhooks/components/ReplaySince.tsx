/** Sends again what happened in the last hours or days. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Webhook } from '../../../api/types';
import { DialogForm } from '../../../primitives/DialogForm';
import { Select } from '../../../primitives/Field';
import { toast } from '../../../primitives/Toasts';
import { useAction } from '../../../primitives/useAction';
import { replaySince } from '../api/replaySince';

const HOURS = [1, 6, 24, 72, 168, 720];

export function ReplaySince({ of, onClose }: { of: Webhook; onClose: () => void }) {
  const { t } = useTranslation();
  const [hours, setHours] = useState('24');
  const { run, pending, failure } = useAction(async () => {
    const { queued } = await replaySince(of.id, Date.now() - Number(hours) * 3_600_000);
    toast(t('webhooks.replayed', { count: queued }));
    onClose();
  });
  return (
    <DialogForm
      action={t('webhooks.replay')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <p>{t('webhooks.replayText')}</p>
      <Select
        label={t('webhooks.since')}
        value={hours}
        onChange={setHours}
        choices={HOURS.map((count) => ({
          id: String(count),
          label:
            count < 72
              ? t('webhooks.lastHours', { count })
              : t('webhooks.lastDays', { count: count / 24 }),
        }))}
      />
    </DialogForm>
  );
}
