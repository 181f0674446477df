/** A reset link for one account: asked for, shown once, copied. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { User } from '../../../api/types';
import { Dialog } from '../../../primitives/Dialog';
import { DialogForm } from '../../../primitives/DialogForm';
import { useAction } from '../../../primitives/useAction';
import { useFormat } from '../../../primitives/useFormat';
import { createResetLink } from '../api/createResetLink';
import { MadeLink } from './MadeLink';

export function ResetLinkDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t('admin.resetLinkTitle', { name: user.name })} isOpen onClose={onClose}>
      <ResetLink user={user} onClose={onClose} />
    </Dialog>
  );
}

function ResetLink({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [link, setLink] = useState<{ url: string; expires_at: number } | null>(null);
  const { run, pending, failure } = useAction(async () => setLink(await createResetLink(user.id)));
  if (link === null) {
    return (
      <DialogForm
        action={t('admin.makeResetLink')}
        pending={pending}
        failure={failure}
        onSubmit={() => void run()}
        onClose={onClose}
      >
        <p>{t('admin.resetLinkText', { name: user.name })}</p>
      </DialogForm>
    );
  }
  return (
    <MadeLink
      notice={t('admin.resetLinkMade', { when: format.dateTime(link.expires_at) })}
      label={t('admin.resetLink')}
      link={link.url}
      onClose={onClose}
    />
  );
}
