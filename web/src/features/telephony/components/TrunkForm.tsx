/** Makes a trunk or changes one. What it has no field for (headers, time limits) stays as it is. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Trunk, TrunkSettings } from '../../../api/types';
import { DialogForm } from '../../../primitives/DialogForm';
import { Select, TextField } from '../../../primitives/Field';
import { useAction } from '../../../primitives/useAction';
import { createTrunk, updateTrunk } from '../api/trunks';
import { entriesOf, textOf } from '../entries';

type Kind = TrunkSettings['kind'];
type Encryption = NonNullable<TrunkSettings['media_encryption']>;
type Transport = 'auto' | 'udp' | 'tcp' | 'tls';

const KINDS: Kind[] = ['inbound', 'outbound'];
const ENCRYPTIONS: Encryption[] = ['disable', 'allow', 'require'];
const TRANSPORTS: Transport[] = ['auto', 'udp', 'tcp', 'tls'];

export function TrunkForm({
  of,
  onDone,
  onClose,
}: {
  /** The trunk to change; without one a trunk is made. */
  of?: Trunk;
  onDone: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const before = of?.settings;
  const inbound = before?.kind === 'inbound' ? before : undefined;
  const outbound = before?.kind === 'outbound' ? before : undefined;
  const [kind, setKind] = useState<Kind>(before?.kind ?? 'inbound');
  const [name, setName] = useState(before?.name ?? '');
  const [numbers, setNumbers] = useState(textOf(before?.numbers));
  const [addresses, setAddresses] = useState(textOf(inbound?.allowed_addresses));
  const [callers, setCallers] = useState(textOf(inbound?.allowed_numbers));
  const [address, setAddress] = useState(outbound?.address ?? '');
  const [transport, setTransport] = useState<Transport>(outbound?.transport ?? 'auto');
  const [country, setCountry] = useState(outbound?.destination_country ?? '');
  const [username, setUsername] = useState(before?.auth_username ?? '');
  const [password, setPassword] = useState('');
  const [encryption, setEncryption] = useState<Encryption>(before?.media_encryption ?? 'disable');
  const { run, pending, failure } = useAction(async () => {
    const shared = {
      ...before,
      name: name.trim(),
      numbers: entriesOf(numbers),
      auth_username: username.trim(),
      auth_password: password === '' ? null : password,
      media_encryption: encryption,
    };
    const settings: TrunkSettings =
      kind === 'inbound'
        ? {
            ...shared,
            kind,
            allowed_addresses: entriesOf(addresses),
            allowed_numbers: entriesOf(callers),
          }
        : {
            ...shared,
            kind,
            address: address.trim(),
            transport,
            destination_country: country.trim(),
          };
    await (of ? updateTrunk(of.id, settings) : createTrunk(settings));
    onDone();
    onClose();
  });
  return (
    <DialogForm
      action={of ? t('common.save') : t('telephony.makeTrunk')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      {!of && (
        <Select
          label={t('telephony.direction')}
          choices={KINDS.map((id) => ({ id, label: t(`telephony.kind.${id}`) }))}
          value={kind}
          onChange={(id) => setKind(id as Kind)}
        />
      )}
      <TextField
        name="name"
        label={t('telephony.name')}
        value={name}
        onChange={setName}
        isRequired
        autoFocus
      />
      {kind === 'outbound' && (
        <>
          <TextField
            name="address"
            label={t('telephony.address')}
            hint={t('telephony.addressHint')}
            value={address}
            onChange={setAddress}
            isRequired
          />
          <Select
            label={t('telephony.transport')}
            choices={TRANSPORTS.map((id) => ({ id, label: t(`telephony.transports.${id}`) }))}
            value={transport}
            onChange={(id) => setTransport(id as Transport)}
          />
        </>
      )}
      <TextField
        name="numbers"
        label={t('telephony.numbers')}
        hint={t(`telephony.numbersHint.${kind}`)}
        value={numbers}
        onChange={setNumbers}
        isRequired={kind === 'outbound'}
      />
      {kind === 'inbound' ? (
        <>
          <TextField
            name="allowed_addresses"
            label={t('telephony.allowedAddresses')}
            hint={t('telephony.allowedAddressesHint')}
            value={addresses}
            onChange={setAddresses}
          />
          <TextField
            name="allowed_numbers"
            label={t('telephony.allowedNumbers')}
            hint={t('telephony.allowedNumbersHint')}
            value={callers}
            onChange={setCallers}
          />
        </>
      ) : (
        <TextField
          name="destination_country"
          label={t('telephony.country')}
          hint={t('telephony.countryHint')}
          value={country}
          onChange={setCountry}
        />
      )}
      <TextField
        name="auth_username"
        label={t('telephony.username')}
        value={username}
        onChange={setUsername}
        autoComplete="off"
      />
      <TextField
        name="auth_password"
        type="password"
        label={t('telephony.password')}
        hint={of?.has_password ? t('telephony.passwordKept') : undefined}
        value={password}
        onChange={setPassword}
        autoComplete="new-password"
      />
      <Select
        label={t('telephony.encryption')}
        choices={ENCRYPTIONS.map((id) => ({ id, label: t(`telephony.encryptions.${id}`) }))}
        value={encryption}
        onChange={(id) => setEncryption(id as Encryption)}
      />
    </DialogForm>
  );
}
