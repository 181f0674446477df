/** Name, link and size of a room. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { fieldErrors, problemText } from '../../../api/problem';
import type { Room } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { Card, pageStyles } from '../../../primitives/Page';
import { useRoomUpdate } from '../hooks/useRoomUpdate';

export function GeneralCard({ room }: { room: Room }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [name, setName] = useState(room.name);
  const [slug, setSlug] = useState(room.slug);
  const [limit, setLimit] = useState(String(room.max_participants));
  const { run, pending, failure } = useRoomUpdate(room);
  const errors = fieldErrors(failure);
  const save = async () => {
    const updated = await run({
      name: name.trim(),
      max_participants: Number(limit),
      ...(slug === room.slug ? {} : { slug }),
    });
    if (updated && updated.slug !== room.slug) {
      navigate(`/${updated.slug}/settings`, { replace: true });
    }
  };
  return (
    <Card title={t('settings.general')}>
      <form
        className={pageStyles.stack}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField
          label={t('room.name')}
          value={name}
          onChange={setName}
          error={errors.name}
          maxLength={100}
          isRequired
        />
        <TextField
          label={t('settings.slug')}
          hint={t('settings.slugHint')}
          value={slug}
          onChange={(value) => setSlug(value.toLowerCase())}
          error={errors.slug}
          pattern="[a-z0-9][a-z0-9\-]*"
          isRequired
        />
        <TextField
          label={t('settings.limit')}
          hint={t('settings.limitHint')}
          type="number"
          inputMode="numeric"
          value={limit}
          onChange={setLimit}
          error={errors.max_participants}
          isRequired
        />
        {failure !== null && <Notice tone="danger">{problemText(failure)}</Notice>}
        <div>
          <Button type="submit" look="primary" isPending={pending}>
            {t('common.save')}
          </Button>
        </div>
      </form>
    </Card>
  );
}
