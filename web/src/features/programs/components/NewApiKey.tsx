/** Makes an API key, and shows what a program needs of it: address, key and secret, this once. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import type { components } from '../../../api/schema';
import { Button } from '../../../primitives/Button';
import { DialogActions } from '../../../primitives/Dialog';
import { DialogForm } from '../../../primitives/DialogForm';
import { TextField } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { createApiKey } from '../api/createApiKey';
import { type Grant, USUAL } from '../grants';
import { Copied } from './Copied';
import { Grants } from './Grants';

export function NewApiKey({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [grants, setGrants] = useState<readonly Grant[]>(USUAL);
  const [rooms, setRooms] = useState('');
  const [made, setMade] = useState<components['schemas']['CreatedApiKey'] | null>(null);
  const { run, pending, failure } = useAction(async () => {
    const names = namesOf(rooms);
    setMade(
      await createApiKey({ name, grants: [...grants], rooms: names.length > 0 ? names : null }),
    );
    onMade();
  });
  if (made) {
    return (
      <div className={pageStyles.stack}>
        <Notice tone="good">{t('programs.keyMade')}</Notice>
        <Copied label="LIVEKIT_URL" text={location.origin.replace(/^http/, 'ws')} />
        <Copied label="LIVEKIT_API_KEY" text={made.key} />
        <Copied label="LIVEKIT_API_SECRET" text={made.secret} once />
        <DialogActions>
          <Button look="primary" onPress={onClose}>
            {t('common.close')}
          </Button>
        </DialogActions>
      </div>
    );
  }
  return (
    <DialogForm
      action={t('programs.makeKey')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <TextField
        name="name"
        label={t('programs.keyName')}
        hint={t('programs.keyNameHint')}
        rules={rulesOf('CreateApiKey', 'name')}
        value={name}
        onChange={setName}
        isRequired
        autoFocus
      />
      <Grants label={t('programs.grants')} chosen={grants} onChange={setGrants} />
      <TextField
        name="rooms"
        label={t('programs.rooms')}
        hint={t('programs.roomsHint')}
        check={(text) => (areRooms(namesOf(text)) ? undefined : t('programs.roomsWrong'))}
        value={rooms}
        onChange={setRooms}
      />
    </DialogForm>
  );
}

const namesOf = (text: string) =>
  text
    .split(',')
    .map((room) => room.trim())
    .filter(Boolean);

/** As the server has it. */
const areRooms = (names: string[]) =>
  names.length <= 50 &&
  names.every(
    (name) => [...name].length <= 256 && /^[^*]*\*?$/.test(name) && !name.includes('://'),
  );
