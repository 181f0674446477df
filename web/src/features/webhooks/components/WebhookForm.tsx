/** Makes a webhook or changes one; a new one's secret is shown this once. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import type { Webhook } from '../../../api/types';
import { DialogForm } from '../../../primitives/DialogForm';
import { TextField } from '../../../primitives/Field';
import { useAction } from '../../../primitives/useAction';
import { createWebhook } from '../api/createWebhook';
import { findRooms } from '../api/findRooms';
import { updateWebhook } from '../api/updateWebhook';
import { EventChoice } from './EventChoice';
import { Secret } from './Secret';

export function WebhookForm({
  of,
  onDone,
  onClose,
}: {
  /** The webhook to change; without one a webhook is made. */
  of?: Webhook;
  onDone: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [url, setUrl] = useState(of?.url ?? '');
  const [description, setDescription] = useState(of?.description ?? '');
  // The server's word for all of them is none.
  const [events, setEvents] = useState<string[] | null>(of?.events.length ? of.events : null);
  const [rooms, setRooms] = useState(of?.rooms.join(', ') ?? '');
  const [secret, setSecret] = useState<string | null>(null);
  const { run, pending, failure } = useAction(async () => {
    const settings = {
      url,
      description,
      // The boxes offer what the server's description lists.
      events: (events ?? []) as Webhook['events'],
      rooms: await findRooms(rooms),
    };
    if (of) {
      await updateWebhook(of.id, settings, of.updated_at);
      onDone();
      onClose();
    } else {
      const made = await createWebhook(settings);
      setSecret(made.secret);
      onDone();
    }
  });
  if (secret !== null) return <Secret secret={secret} onClose={onClose} />;
  return (
    <DialogForm
      action={of ? t('common.save') : t('webhooks.make')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <TextField
        name="url"
        label={t('webhooks.url')}
        hint={t('webhooks.urlHint')}
        rules={rulesOf('CreateWebhook', 'url')}
        value={url}
        onChange={setUrl}
        isRequired
        autoFocus
      />
      <TextField
        name="description"
        label={t('webhooks.description')}
        rules={rulesOf('CreateWebhook', 'description')}
        value={description}
        onChange={setDescription}
      />
      <EventChoice chosen={events} onChange={setEvents} />
      <TextField
        name="rooms"
        label={t('webhooks.rooms')}
        hint={t('webhooks.roomsHint')}
        value={rooms}
        onChange={setRooms}
      />
    </DialogForm>
  );
}
