/** What one participant may send; the media server enforces it. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MediaDefaults } from '../../../api/types';
import { Dialog } from '../../../primitives/Dialog';
import { DialogForm } from '../../../primitives/DialogForm';
import { Switch } from '../../../primitives/Field';
import { useAction } from '../../../primitives/useAction';
import { setPermissions } from '../api/setPermissions';

const KINDS = ['audio', 'video', 'screen_share', 'chat'] as const;

export function PermissionsDialog({
  slug,
  participant,
  permissions,
  onClose,
}: {
  slug: string;
  participant: { identity: string; name?: string };
  permissions: MediaDefaults | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [wanted, setWanted] = useState<MediaDefaults>(
    permissions ?? { audio: true, video: true, screen_share: true, chat: true },
  );
  const { run, pending, failure } = useAction(async () => {
    await setPermissions(slug, participant.identity, wanted);
    void queryClient.invalidateQueries({ queryKey: ['room', slug, 'participants'] });
    onClose();
  });
  const name = participant.name || participant.identity;
  return (
    <Dialog title={t('participants.permissionsOf', { name })} isOpen onClose={onClose}>
      <DialogForm
        action={t('common.save')}
        pending={pending}
        failure={failure}
        onSubmit={() => void run()}
        onClose={onClose}
      >
        <div>
          {KINDS.map((kind) => (
            <Switch
              key={kind}
              label={t(`permission.${kind}`)}
              isSelected={wanted[kind]}
              onChange={(on) => setWanted({ ...wanted, [kind]: on })}
            />
          ))}
        </div>
      </DialogForm>
    </Dialog>
  );
}
