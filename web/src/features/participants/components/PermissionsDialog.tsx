/** What one participant may send; the media server enforces it. */
import { useQueryClient } from '@tanstack/react-query';
import type { Participant as CallParticipant } from 'livekit-client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { problemText } from '../../../api/problem';
import type { MediaDefaults } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { Dialog, DialogActions } from '../../../primitives/Dialog';
import { Switch } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
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
  participant: CallParticipant;
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
      {failure !== null && <Notice tone="danger">{problemText(failure)}</Notice>}
      <DialogActions>
        <Button onPress={onClose}>{t('common.cancel')}</Button>
        <Button look="primary" isPending={pending} onPress={() => void run()}>
          {t('common.save')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
