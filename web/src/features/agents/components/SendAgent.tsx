/** Sends an agent into a room. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import { DialogForm } from '../../../primitives/DialogForm';
import { TextField } from '../../../primitives/Field';
import { toast } from '../../../primitives/Toasts';
import { useAction } from '../../../primitives/useAction';
import { RoomField } from '../../rooms';
import { dispatchAgent } from '../api/dispatchAgent';
import { readAgents } from '../api/readAgents';

export function SendAgent({
  room: known,
  onSent,
  onClose,
}: {
  /** Where to, if that is no question. */
  room?: string;
  onSent: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [room, setRoom] = useState(known ?? '');
  const [name, setName] = useState('');
  const [metadata, setMetadata] = useState('');
  const workers = useQuery(readAgents).data?.workers;
  const isRegistered = workers?.some(({ agent_name }) => agent_name === name.trim());
  const { run, pending, failure } = useAction(async () => {
    await dispatchAgent({ room: room.trim(), agent_name: name.trim(), metadata });
    toast(t('agents.sent'));
    onSent();
    onClose();
  });
  return (
    <DialogForm
      action={t('agents.sendNow')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      {known === undefined && (
        <RoomField
          name="room"
          label={t('agents.room')}
          rules={rulesOf('DispatchAgent', 'room')}
          value={room}
          onChange={setRoom}
          autoFocus
        />
      )}
      <TextField
        name="agent_name"
        label={t('agents.name')}
        hint={t(isRegistered === false ? 'agents.notRegistered' : 'agents.nameHint')}
        rules={rulesOf('DispatchAgent', 'agent_name')}
        value={name}
        onChange={setName}
        autoFocus={known !== undefined}
      />
      <TextField
        name="metadata"
        label={t('agents.metadata')}
        hint={t('agents.metadataHint')}
        rules={rulesOf('DispatchAgent', 'metadata')}
        value={metadata}
        onChange={setMetadata}
      />
    </DialogForm>
  );
}
