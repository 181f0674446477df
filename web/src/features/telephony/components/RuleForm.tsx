/** Makes a rule for calls that come in, or changes one. What it has no field for stays as it is. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import type { RuleSettings, SipRule } from '../../../api/types';
import { DialogForm } from '../../../primitives/DialogForm';
import { Checkbox, Select, Switch, TextField } from '../../../primitives/Field';
import { useAction } from '../../../primitives/useAction';
import { RoomField } from '../../rooms';
import { createRule, updateRule } from '../api/rules';
import { listTrunks } from '../api/trunks';
import { entriesOf, textOf } from '../entries';
import styles from './Telephony.module.css';

type Kind = RuleSettings['target']['kind'];
const KINDS: Kind[] = ['direct', 'individual', 'callee'];

export function RuleForm({
  of,
  onDone,
  onClose,
}: {
  /** The rule to change; without one a rule is made. */
  of?: SipRule;
  onDone: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const trunks =
    useQuery(listTrunks).data?.filter(({ settings }) => settings.kind === 'inbound') ?? [];
  const before = of?.settings;
  const target = before?.target;
  const [name, setName] = useState(before?.name ?? '');
  const [kind, setKind] = useState<Kind>(target?.kind ?? 'direct');
  const [room, setRoom] = useState(target?.kind === 'direct' ? target.room : '');
  const [prefix, setPrefix] = useState(
    target && target.kind !== 'direct' ? target.room_prefix : 'call-',
  );
  const [pin, setPin] = useState(of?.pin ?? '');
  const [trunkIds, setTrunkIds] = useState<string[]>(before?.trunk_ids ?? []);
  const [callers, setCallers] = useState(textOf(before?.inbound_numbers));
  const [agents, setAgents] = useState(textOf(before?.agents));
  const [hides, setHides] = useState(before?.hide_phone_number ?? false);
  const { run, pending, failure } = useAction(async () => {
    const settings: RuleSettings = {
      ...before,
      name: name.trim(),
      target:
        kind === 'direct'
          ? { kind, room: room.trim() }
          : kind === 'individual'
            ? { kind, room_prefix: prefix.trim() }
            : {
                kind,
                room_prefix: prefix.trim(),
                randomize: target?.kind === 'callee' ? target.randomize : false,
              },
      pin: pin.trim(),
      trunk_ids: trunkIds,
      inbound_numbers: entriesOf(callers),
      agents: entriesOf(agents),
      hide_phone_number: hides,
    };
    await (of ? updateRule(of.id, settings) : createRule(settings));
    onDone();
    onClose();
  });
  return (
    <DialogForm
      action={of ? t('common.save') : t('telephony.makeRule')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <TextField
        name="name"
        label={t('telephony.name')}
        rules={rulesOf('RuleSettings', 'name')}
        value={name}
        onChange={setName}
        isRequired
        autoFocus
      />
      <Select
        label={t('telephony.goesTo')}
        choices={KINDS.map((id) => ({
          id,
          label: t(`telephony.target.${id}`),
          hint: t(`telephony.targetHint.${id}`),
        }))}
        value={kind}
        onChange={(id) => setKind(id as Kind)}
      />
      {kind === 'direct' ? (
        <RoomField name="target" label={t('agents.room')} value={room} onChange={setRoom} />
      ) : (
        <TextField
          name="target"
          label={t('telephony.prefix')}
          hint={t('telephony.prefixHint')}
          value={prefix}
          onChange={setPrefix}
        />
      )}
      <TextField
        name="pin"
        label={t('telephony.pin')}
        hint={t('telephony.pinHint')}
        value={pin}
        onChange={setPin}
        autoComplete="off"
        inputMode="numeric"
      />
      {trunks.length > 0 && (
        <fieldset className={styles.choices}>
          <legend>{t('telephony.forTrunks')}</legend>
          {trunks.map((trunk) => (
            <Checkbox
              key={trunk.id}
              showLabel
              label={trunk.settings.name || trunk.id}
              isSelected={trunkIds.includes(trunk.id)}
              onChange={(chosen) =>
                setTrunkIds((ids) =>
                  chosen ? [...ids, trunk.id] : ids.filter((id) => id !== trunk.id),
                )
              }
            />
          ))}
        </fieldset>
      )}
      <TextField
        name="inbound_numbers"
        label={t('telephony.allowedNumbers')}
        hint={t('telephony.allowedNumbersHint')}
        value={callers}
        onChange={setCallers}
      />
      <TextField
        name="agents"
        label={t('telephony.agents')}
        hint={t('telephony.agentsHint')}
        value={agents}
        onChange={setAgents}
      />
      <Switch label={t('telephony.hideNumber')} isSelected={hides} onChange={setHides} />
    </DialogForm>
  );
}
