/** Has an agent come into every call of a room. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import { DialogForm } from '../../../primitives/DialogForm';
import { TextField } from '../../../primitives/Field';
import { useAction } from '../../../primitives/useAction';
import { addRoomAgent } from '../api/addRoomAgent';

export function AddRoomAgent({ onAdded, onClose }: { onAdded: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [room, setRoom] = useState('');
  const [name, setName] = useState('');
  const [metadata, setMetadata] = useState('');
  const { run, pending, failure } = useAction(async () => {
    await addRoomAgent(room.trim(), { agent_name: name.trim(), metadata });
    onAdded();
    onClose();
  });
  return (
    <DialogForm
      action={t('agents.addNow')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <TextField
        name="slug"
        label={t('agents.room')}
        hint={t('agents.slugHint')}
        value={room}
        onChange={setRoom}
        isRequired
        autoFocus
      />
      <TextField
        name="agent_name"
        label={t('agents.name')}
        hint={t('agents.nameHint')}
        rules={rulesOf('AddRoomAgent', 'agent_name')}
        value={name}
        onChange={setName}
      />
      <TextField
        name="metadata"
        label={t('agents.metadata')}
        hint={t('agents.metadataEveryCall')}
        rules={rulesOf('AddRoomAgent', 'metadata')}
        value={metadata}
        onChange={setMetadata}
      />
    </DialogForm>
  );
}
