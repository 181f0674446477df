/** Changes a stream: what it is called, where it leads, who it is there, and whether its key opens. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import type { components } from '../../../api/schema';
import { DialogForm } from '../../../primitives/DialogForm';
import { Switch, TextField } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { useAction } from '../../../primitives/useAction';
import { updateIngress } from '../api/updateIngress';
import { isOfDeletedRoom } from '../deletedRoom';
import { StreamFields } from './StreamFields';

type Ingress = components['schemas']['Ingress'];

export function EditIngress({
  of,
  onChanged,
  onClose,
}: {
  of: Ingress;
  onChanged: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [name, setName] = useState(of.name);
  const before = of.link ?? (isOfDeletedRoom(of) ? '' : of.room);
  const [room, setRoom] = useState<string>(before);
  const [participant, setParticipant] = useState(of.participant_name);
  const [identity, setIdentity] = useState(of.participant_identity);
  const [enabled, setEnabled] = useState(of.enabled);
  const { run, pending, failure } = useAction(async () => {
    // What is as it was is not sent: somebody else may have changed it meanwhile.
    const changed = (text: string, before: string) => (text.trim() === before ? null : text.trim());
    await updateIngress(of.id, {
      name: changed(name, of.name),
      room: changed(room, before),
      participant_name: changed(participant, of.participant_name),
      participant_identity: changed(identity, of.participant_identity),
      enabled: enabled === of.enabled ? null : enabled,
    });
    onChanged();
    onClose();
  });
  return (
    <DialogForm
      action={t('common.save')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      {isOfDeletedRoom(of) && <Notice tone="warn">{t('ingress.roomDeleted')}</Notice>}
      {of.status === 'publishing' && <Notice>{t('ingress.goesOn')}</Notice>}
      <StreamFields
        body="UpdateIngress"
        name={name}
        onName={setName}
        room={room}
        onRoom={setRoom}
      />
      <TextField
        name="participant_name"
        label={t('ingress.nameInCall')}
        hint={t('ingress.nameInCallHint')}
        rules={rulesOf('UpdateIngress', 'participant_name')}
        value={participant}
        onChange={setParticipant}
        isRequired
      />
      <TextField
        name="participant_identity"
        label={t('ingress.identity')}
        hint={t('ingress.identityHint')}
        value={identity}
        onChange={setIdentity}
        isRequired
      />
      <Switch label={t('ingress.mayPublish')} isSelected={enabled} onChange={setEnabled} />
    </DialogForm>
  );
}
