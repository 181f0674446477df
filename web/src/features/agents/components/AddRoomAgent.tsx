/** Has an agent come into every call of a room. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import { Problem } from '../../../api/problem';
import { DialogForm } from '../../../primitives/DialogForm';
import { TextField } from '../../../primitives/Field';
import { useAction } from '../../../primitives/useAction';
import { usePasted } from '../../rooms';
import { addRoomAgent } from '../api/addRoomAgent';

export function AddRoomAgent({ onAdded, onClose }: { onAdded: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [room, setRoom] = useState('');
  const [name, setName] = useState('');
  const [metadata, setMetadata] = useState('');
  const slugOf = usePasted();
  const { run, pending, failure } = useAction(async () => {
    const pasted = slugOf(room);
    if (!('slug' in pasted)) return;
    await addRoomAgent(pasted.slug, { agent_name: name.trim(), metadata }).catch(atRoom);
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
        check={(text) => ('slug' in slugOf(text) ? undefined : t('agents.wrongRoom'))}
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

/** What is not found is the room: said at its field. */
function atRoom(error: unknown): never {
  if (!(error instanceof Problem) || error.code !== 'not_found') throw error;
  const { status, detail } = error;
  throw new Problem(status, 'validation_failed', detail, [
    { field: 'slug', code: 'no_such_room', detail },
  ]);
}
