/** Name, link and size of a room. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { rulesOf } from '../../../api/limits';
import type { Room } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { Form } from '../../../primitives/Form';
import { Card, pageStyles } from '../../../primitives/Page';
import { useRoomUpdate } from '../hooks/useRoomUpdate';

export function GeneralCard({ room }: { room: Room }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [name, setName] = useState(room.name);
  const [slug, setSlug] = useState(room.slug);
  const [limit, setLimit] = useState(String(room.max_participants));
  const { run, pending, failure } = useRoomUpdate(room);
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
      <Form
        className={pageStyles.stack}
        failure={failure}
        onSubmit={() => void save()}
        actions={
          <div>
            <Button type="submit" look="primary" isPending={pending}>
              {t('common.save')}
            </Button>
          </div>
        }
      >
        <TextField
          name="name"
          label={t('room.name')}
          rules={rulesOf('UpdateRoom', 'name')}
          value={name}
          onChange={setName}
          isRequired
        />
        <TextField
          name="slug"
          label={t('settings.slug')}
          rules={rulesOf('UpdateRoom', 'slug')}
          hint={t('settings.slugHint')}
          value={slug}
          onChange={(value) => setSlug(value.toLowerCase())}
          isRequired
        />
        <TextField
          name="max_participants"
          label={t('settings.limit')}
          rules={rulesOf('UpdateRoom', 'max_participants')}
          hint={t('settings.limitHint')}
          type="number"
          inputMode="numeric"
          value={limit}
          onChange={setLimit}
          isRequired
        />
      </Form>
    </Card>
  );
}
