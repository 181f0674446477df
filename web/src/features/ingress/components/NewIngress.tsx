/** Makes an ingress, and shows how an encoder is set up with it. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import type { components } from '../../../api/schema';
import { DialogForm } from '../../../primitives/DialogForm';
import { Select, TextField } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { useAction } from '../../../primitives/useAction';
import { createIngress } from '../api/createIngress';
import { SetUp } from './SetUp';
import { StreamFields } from './StreamFields';

type Kind = components['schemas']['IngressKind'];

export function NewIngress({
  rtmpNeedsFfmpeg,
  onMade,
  onClose,
}: {
  rtmpNeedsFfmpeg: boolean;
  onMade: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<Kind>('whip');
  const [room, setRoom] = useState('');
  const [participant, setParticipant] = useState('');
  const [made, setMade] = useState<components['schemas']['Ingress'] | null>(null);
  const { run, pending, failure } = useAction(async () => {
    const input = { name: name.trim(), room: room.trim(), participant_name: participant.trim() };
    setMade(await createIngress({ ...input, kind }));
    onMade();
  });
  if (made) return <SetUp of={made} onClose={onClose} />;
  return (
    <DialogForm
      action={t('ingress.make')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <StreamFields
        body="CreateIngress"
        name={name}
        onName={setName}
        room={room}
        onRoom={setRoom}
      />
      <TextField
        name="participant_name"
        label={t('ingress.participant')}
        hint={t('ingress.participantHint')}
        rules={rulesOf('CreateIngress', 'participant_name')}
        value={participant}
        onChange={setParticipant}
      />
      <Select
        label={t('ingress.how')}
        value={kind}
        onChange={(id) => setKind(id === 'rtmp' ? 'rtmp' : 'whip')}
        choices={[
          { id: 'whip', label: t('ingress.kind.whip'), hint: t('ingress.whipHint') },
          { id: 'rtmp', label: t('ingress.kind.rtmp'), hint: t('ingress.rtmpHint') },
        ]}
      />
      {kind === 'rtmp' && rtmpNeedsFfmpeg && <Notice>{t('ingress.rtmpNeedsFfmpeg')}</Notice>}
    </DialogForm>
  );
}
