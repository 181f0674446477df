/** Asks for a room on the media server: for programs, not for people with a link. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { rulesOf } from '../../../api/limits';
import { Dialog } from '../../../primitives/Dialog';
import { DialogForm } from '../../../primitives/DialogForm';
import { TextField } from '../../../primitives/Field';
import { useAction } from '../../../primitives/useAction';
import { createLiveRoom } from '../api/createLiveRoom';

const NUMBERS = ['empty_timeout', 'departure_timeout', 'max_participants'] as const;
const WHOLE = /^\d{0,6}$/;

export function NewLiveRoom({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [metadata, setMetadata] = useState('');
  const [numbers, setNumbers] = useState({
    empty_timeout: '',
    departure_timeout: '',
    max_participants: '',
  });
  const { run, pending, failure } = useAction(async () => {
    const given = NUMBERS.flatMap((key) => (numbers[key] ? [[key, Number(numbers[key])]] : []));
    const room = await createLiveRoom({
      name,
      ...Object.fromEntries(given),
      ...(metadata && { metadata }),
    });
    await queryClient.invalidateQueries({ queryKey: ['live'] });
    await navigate(`/admin/live/${encodeURIComponent(room.name)}`);
  });
  return (
    <Dialog title={t('live.newRoom')} isOpen onClose={onClose}>
      <DialogForm
        action={t('live.makeRoom')}
        pending={pending}
        failure={failure}
        onSubmit={() => void run()}
        onClose={onClose}
      >
        <p>{t('live.newRoomText')}</p>
        <TextField
          name="name"
          label={t('live.name')}
          isRequired
          rules={rulesOf('CreateLiveRoom', 'name')}
          value={name}
          onChange={setName}
        />
        {NUMBERS.map((key) => (
          <TextField
            key={key}
            name={key}
            label={t(`live.${key}`)}
            hint={t('live.optional')}
            inputMode="numeric"
            check={(text) => (WHOLE.test(text) ? undefined : t('live.notANumber'))}
            value={numbers[key]}
            onChange={(text) => setNumbers({ ...numbers, [key]: text })}
          />
        ))}
        <TextField
          name="metadata"
          label={t('live.metadata')}
          hint={t('live.optional')}
          rules={rulesOf('CreateLiveRoom', 'metadata')}
          value={metadata}
          onChange={setMetadata}
        />
      </DialogForm>
    </Dialog>
  );
}
