/** Sends a call on to another number. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import type { PhoneCall } from '../../../api/types';
import { DialogForm } from '../../../primitives/DialogForm';
import { TextField } from '../../../primitives/Field';
import { useAction } from '../../../primitives/useAction';
import { transferCall } from '../api/calls';

/** What LiveKit takes; what comes behind is for the provider to judge. */
const CALLABLE = /^(tel|sips?):\S+$/;

export function TransferForm({
  of,
  onDone,
  onClose,
}: {
  of: PhoneCall;
  onDone: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [to, setTo] = useState('tel:');
  const { run, pending, failure } = useAction(async () => {
    await transferCall(of.room, of.identity, to.trim());
    onDone();
    onClose();
  });
  return (
    <DialogForm
      action={t('telephony.transfer')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <TextField
        name="to"
        label={t('telephony.transferTo')}
        hint={t('telephony.transferToHint')}
        rules={rulesOf('TransferCall', 'to')}
        check={(text) => (CALLABLE.test(text.trim()) ? undefined : t('telephony.transferToWrong'))}
        value={to}
        onChange={setTo}
        isRequired
        autoFocus
      />
    </DialogForm>
  );
}
