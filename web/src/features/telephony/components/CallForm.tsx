/** Calls somebody into a room. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import { Button } from '../../../primitives/Button';
import { DialogActions } from '../../../primitives/Dialog';
import { DialogForm } from '../../../primitives/DialogForm';
import { Select, TextField } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { Loading } from '../../../primitives/Page';
import { toast } from '../../../primitives/Toasts';
import { useAction } from '../../../primitives/useAction';
import { RoomField } from '../../rooms';
import { makeCall } from '../api/calls';
import { listTrunks } from '../api/trunks';

export function CallForm({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const listed = useQuery(listTrunks);
  const trunks = listed.data?.filter(({ settings }) => settings.kind === 'outbound') ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const [to, setTo] = useState('');
  const [room, setRoom] = useState('');
  const [name, setName] = useState('');
  const [dtmf, setDtmf] = useState('');
  const trunk = chosen ?? trunks[0]?.id;
  const { run, pending, failure } = useAction(async () => {
    if (trunk === undefined) return;
    const call = { trunk_id: trunk, to: to.trim(), room: room.trim(), name: name.trim(), dtmf };
    await makeCall(call);
    toast(t('telephony.calling', { to: call.to }));
    onDone();
    onClose();
  });
  if (listed.isPending) return <Loading />;
  if (trunk === undefined)
    return (
      <>
        <Notice>{t('telephony.needsTrunk')}</Notice>
        <DialogActions>
          <Button onPress={onClose}>{t('common.close')}</Button>
        </DialogActions>
      </>
    );
  return (
    <DialogForm
      action={t('telephony.callNow')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <TextField
        name="to"
        label={t('telephony.number')}
        hint={t('telephony.numberHint')}
        rules={rulesOf('MakeCall', 'to')}
        value={to}
        onChange={setTo}
        isRequired
        autoFocus
        inputMode="tel"
      />
      <RoomField
        name="room"
        label={t('agents.room')}
        rules={rulesOf('MakeCall', 'room')}
        value={room}
        onChange={setRoom}
      />
      <Select
        label={t('telephony.trunk')}
        choices={trunks.map(({ id, settings }) => ({ id, label: settings.name || id }))}
        value={trunk}
        onChange={setChosen}
      />
      <TextField
        name="name"
        label={t('telephony.shownAs')}
        hint={t('telephony.shownAsHint')}
        rules={rulesOf('MakeCall', 'name')}
        value={name}
        onChange={setName}
      />
      <TextField
        name="dtmf"
        label={t('telephony.dtmf')}
        hint={t('telephony.dtmfHint')}
        rules={rulesOf('MakeCall', 'dtmf')}
        value={dtmf}
        onChange={setDtmf}
      />
    </DialogForm>
  );
}
