/** A reset link for one account: asked for, shown once, copied. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { problemText } from '../../../api/problem';
import type { User } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { copyText } from '../../../primitives/copyText';
import { Dialog, DialogActions } from '../../../primitives/Dialog';
import { TextField } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { toast } from '../../../primitives/Toasts';
import { useAction } from '../../../primitives/useAction';
import { useFormat } from '../../../primitives/useFormat';
import { createResetLink } from '../api/createResetLink';

export function ResetLinkDialog({ user, onClose }: { user: User | null; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog
      title={t('admin.resetLinkTitle', { name: user?.name ?? '' })}
      isOpen={user !== null}
      onClose={onClose}
    >
      {user && <ResetLink user={user} onClose={onClose} />}
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
      <>
        <p>{t('admin.resetLinkText', { name: user.name })}</p>
        {failure !== null && <Notice tone="danger">{problemText(failure)}</Notice>}
        <DialogActions>
          <Button onPress={onClose}>{t('common.cancel')}</Button>
          <Button look="primary" isPending={pending} onPress={() => void run()}>
            {t('admin.makeResetLink')}
          </Button>
        </DialogActions>
      </>
    );
  }
  return (
    <>
      <Notice tone="good">
        {t('admin.resetLinkMade', { when: format.dateTime(link.expires_at) })}
      </Notice>
      <TextField label={t('admin.resetLink')} hideLabel value={link.url} isReadOnly autoFocus />
      <DialogActions>
        <Button onPress={onClose}>{t('common.close')}</Button>
        <Button
          look="primary"
          onPress={async () => toast((await copyText(link.url)) ? t('home.copied') : link.url)}
        >
          {t('home.copyLink')}
        </Button>
      </DialogActions>
    </>
  );
}
