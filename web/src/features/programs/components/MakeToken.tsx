/** Makes a token of a key: whom, where, what it grants and how long. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { rulesOf } from '../../../api/limits';
import type { components } from '../../../api/schema';
import { Button } from '../../../primitives/Button';
import { Select, Switch, TextField } from '../../../primitives/Field';
import { Form } from '../../../primitives/Form';
import { Notice } from '../../../primitives/Notice';
import { Empty, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { useFormat } from '../../../primitives/useFormat';
import { RoomField } from '../../rooms';
import { createToken } from '../api/createToken';
import { listValidApiKeys } from '../api/listApiKeys';
import type { Grant } from '../grants';
import { Copied } from './Copied';
import { Grants } from './Grants';
import { JoinLink } from './JoinLink';

const LIFETIMES = [600, 3_600, 21_600, 86_400, 604_800];
const RIGHTS = ['publish', 'subscribe', 'publish_data', 'update_own_metadata'] as const;
const USUAL_RIGHTS = {
  publish: true,
  subscribe: true,
  publish_data: true,
  update_own_metadata: false,
};

type Made = components['schemas']['CreatedToken'] & { joins: boolean };

export function MakeToken() {
  const { t } = useTranslation();
  const format = useFormat();
  const keys = useQuery(listValidApiKeys);
  const good = keys.data;
  const [chosen, setChosen] = useState<string | null>(null);
  const [grants, setGrants] = useState<readonly Grant[]>(['room_join']);
  const [params] = useSearchParams();
  // A live room's page leads here with its name.
  const [room, setRoom] = useState(params.get('room') ?? '');
  const [identity, setIdentity] = useState('');
  const [name, setName] = useState('');
  const [metadata, setMetadata] = useState('');
  const [may, setMay] = useState(USUAL_RIGHTS);
  const [lifetime, setLifetime] = useState(LIFETIMES[1] ?? 3_600);
  const [made, setMade] = useState<Made | null>(null);
  const key = good?.find(({ id }) => id === chosen) ?? good?.[0];
  const { run, pending, failure } = useAction(async () => {
    if (!key) return;
    const allowed = grants.filter((grant) => key.grants.includes(grant));
    const token = await createToken({
      api_key_id: key.id,
      grants: allowed,
      room,
      identity,
      name,
      metadata,
      may,
      lifetime,
    });
    setMade({ ...token, joins: allowed.includes('room_join') });
  });
  if (keys.isPending) return <Loading />;
  if (!keys.data) return <Failed error={keys.error} retry={() => void keys.refetch()} />;
  if (!key) return <Empty>{t('programs.needsKey')}</Empty>;
  const joins = grants.includes('room_join');
  return (
    <Form
      className={pageStyles.stack}
      failure={failure}
      onSubmit={() => void run()}
      actions={
        <div>
          <Button type="submit" look="primary" isPending={pending}>
            {t('programs.makeToken')}
          </Button>
        </div>
      }
    >
      <Select
        label={t('programs.key')}
        choices={(good ?? []).map(({ id, name, key }) => ({ id, label: name, hint: key }))}
        value={key.id}
        onChange={setChosen}
      />
      <Grants
        label={t('programs.grants')}
        among={key.grants}
        chosen={grants}
        onChange={setGrants}
      />
      <RoomField
        name="room"
        label={t('programs.room')}
        rules={rulesOf('CreateToken', 'room')}
        value={room}
        onChange={setRoom}
      />
      {joins && (
        <>
          <TextField
            name="identity"
            label={t('programs.identity')}
            rules={rulesOf('CreateToken', 'identity')}
            value={identity}
            onChange={setIdentity}
          />
          <TextField
            name="name"
            label={t('programs.name')}
            rules={rulesOf('CreateToken', 'name')}
            value={name}
            onChange={setName}
          />
          <TextField
            name="metadata"
            label={t('programs.metadata')}
            rules={rulesOf('CreateToken', 'metadata')}
            value={metadata}
            onChange={setMetadata}
          />
          {RIGHTS.map((right) => (
            <Switch
              key={right}
              label={t(`programs.may.${right}`)}
              isSelected={may[right]}
              onChange={(on) => setMay({ ...may, [right]: on })}
            />
          ))}
        </>
      )}
      <Select
        label={t('programs.lifetime')}
        choices={LIFETIMES.map((seconds) => ({
          id: String(seconds),
          label: t(`programs.lasts.${seconds}` as 'programs.lasts.600'),
        }))}
        value={String(lifetime)}
        onChange={(id) => setLifetime(Number(id))}
      />
      {made && (
        <>
          <Notice tone="good">
            {t('programs.tokenMade', { when: format.dateTime(made.expires_at) })}
          </Notice>
          <Copied label={t('programs.token')} text={made.token} />
          <Copied label={t('programs.serverUrl')} text={made.server_url} />
          {made.joins && <JoinLink token={made.token} />}
        </>
      )}
    </Form>
  );
}
