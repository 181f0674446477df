/** Asks before a webhook gets a new secret, and shows it this once. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Webhook } from '../../../api/types';
import { DialogForm } from '../../../primitives/DialogForm';
import { useAction } from '../../../primitives/useAction';
import { rotateSecret } from '../api/rotateSecret';
import { Secret } from './Secret';

export function RotateSecret({
  of,
  onDone,
  onClose,
}: {
  of: Webhook;
  onDone: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [secret, setSecret] = useState<string | null>(null);
  const { run, pending, failure } = useAction(async () => {
    setSecret((await rotateSecret(of.id)).secret);
    onDone();
  });
  if (secret !== null) return <Secret secret={secret} rotated onClose={onClose} />;
  return (
    <DialogForm
      action={t('webhooks.rotate')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <p>{t('webhooks.rotateText')}</p>
    </DialogForm>
  );
}
