/** Name, link and size of a room. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { rulesOf } from '../../../api/limits';
import type { Room } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { Form } from '../../../primitives/Form';
import { Notice } from '../../../primitives/Notice';
import { Card, pageStyles } from '../../../primitives/Page';
import { isChangedMeanwhile, useRoomUpdate } from '../hooks/useRoomUpdate';

type Typed = { name?: string; slug?: string; limit?: string };

export function GeneralCard({ room }: { room: Room }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  // Only what was typed: the rest follows the room, whoever changes it.
  const [typed, setTyped] = useState<Typed>({});
  // The room that the first letter was typed into.
  const [seen, setSeen] = useState(room);
  const { run, pending, failure } = useRoomUpdate(room);
  const name = typed.name ?? room.name;
  const slug = typed.slug ?? room.slug;
  const limit = typed.limit ?? String(room.max_participants);
  const type = (change: Typed) => {
    if (Object.keys(typed).length === 0) setSeen(room);
    setTyped({ ...typed, ...change });
  };
  const conflict = isChangedMeanwhile(failure);
  // Other settings, changed on this page or another, are in nobody's way here.
  const same =
    room.name === seen.name &&
    room.slug === seen.slug &&
    room.max_participants === seen.max_participants;
  const save = async () => {
    const updated = await run(
      {
        ...(name.trim() === room.name ? {} : { name: name.trim() }),
        ...(slug === room.slug ? {} : { slug }),
        ...(Number(limit) === room.max_participants ? {} : { max_participants: Number(limit) }),
      },
      // Who was told of the other change and saves again means it.
      (same || conflict ? room : seen).updated_at,
    );
    if (updated) setTyped({});
    if (updated && updated.slug !== room.slug) {
      navigate(`/${updated.slug}/settings`, { replace: true });
    }
  };
  return (
    <Card title={t('settings.general')}>
      <Form
        className={pageStyles.stack}
        failure={conflict ? null : failure}
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
          onChange={(value) => type({ name: value })}
          isRequired
        />
        <TextField
          name="slug"
          label={t('settings.slug')}
          rules={rulesOf('UpdateRoom', 'slug')}
          invalid={t('settings.slugWrong')}
          hint={t('settings.slugHint')}
          value={slug}
          onChange={(value) => type({ slug: value.toLowerCase() })}
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
          onChange={(value) => type({ limit: value })}
          isRequired
        />
        {conflict && (
          <Notice tone="warn">
            {t('settings.changedMeanwhile', {
              name: room.name,
              slug: room.slug,
              limit: room.max_participants,
            })}
          </Notice>
        )}
      </Form>
    </Card>
  );
}
