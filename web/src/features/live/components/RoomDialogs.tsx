/** What is done to a whole live room: its metadata, a message to everybody, its end. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LiveRoom } from '../../../api/types';
import { Confirm, Dialog } from '../../../primitives/Dialog';
import { DialogForm } from '../../../primitives/DialogForm';
import { TextField } from '../../../primitives/Field';
import { toast } from '../../../primitives/Toasts';
import { useAction } from '../../../primitives/useAction';
import { endLiveRoom } from '../api/endLiveRoom';
import { sendLiveData } from '../api/sendLiveData';
import { updateLiveRoom } from '../api/updateLiveRoom';

type Asked = { room: LiveRoom; onClose: () => void };

export function MetadataDialog({ room, onClose }: Asked) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [metadata, setMetadata] = useState(room.metadata);
  const { run, pending, failure } = useAction(async () => {
    await updateLiveRoom(room.name, metadata);
    await queryClient.invalidateQueries({ queryKey: ['live'] });
    onClose();
  });
  return (
    <Dialog title={t('live.editMetadata')} isOpen onClose={onClose}>
      <DialogForm
        action={t('common.save')}
        pending={pending}
        failure={failure}
        onSubmit={() => void run()}
        onClose={onClose}
      >
        <TextField
          name="metadata"
          label={t('live.metadata')}
          hint={t('live.metadataHint')}
          value={metadata}
          onChange={setMetadata}
        />
      </DialogForm>
    </Dialog>
  );
}

export function DataDialog({ room, onClose }: Asked) {
  const { t } = useTranslation();
  const [payload, setPayload] = useState('');
  const [topic, setTopic] = useState('');
  const { run, pending, failure } = useAction(async () => {
    await sendLiveData(room.name, { payload, ...(topic && { topic }) });
    toast(t('live.sent'));
    onClose();
  });
  return (
    <Dialog title={t('live.sendData')} isOpen onClose={onClose}>
      <DialogForm
        action={t('live.send')}
        pending={pending}
        failure={failure}
        onSubmit={() => void run()}
        onClose={onClose}
      >
        <p>{t('live.sendDataText')}</p>
        <TextField
          name="payload"
          label={t('live.payload')}
          isRequired
          value={payload}
          onChange={setPayload}
        />
        <TextField
          name="topic"
          label={t('live.topic')}
          hint={t('live.optional')}
          value={topic}
          onChange={setTopic}
        />
      </DialogForm>
    </Dialog>
  );
}

export function EndDialog({ room, onClose }: Asked) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  return (
    <Confirm
      title={t('live.endTitle', { name: room.site_room?.name ?? room.name })}
      text={room.site_room ? t('live.endOwnText') : t('live.endForeignText')}
      action={t('live.end')}
      isOpen
      onClose={onClose}
      onConfirm={async () => {
        await endLiveRoom(room.name);
        await queryClient.invalidateQueries({ queryKey: ['live'] });
      }}
    />
  );
}
