/** Changes what the media server says of a participant; in rooms of programs also what they may do. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LiveParticipant } from '../../../api/types';
import { Dialog } from '../../../primitives/Dialog';
import { DialogForm } from '../../../primitives/DialogForm';
import { Switch, TextField } from '../../../primitives/Field';
import { useAction } from '../../../primitives/useAction';
import { updateLiveParticipant } from '../api/updateLiveParticipant';

type Facts = { name: string; metadata: string };
const RIGHTS = ['can_publish', 'can_subscribe', 'can_publish_data', 'can_update_metadata'] as const;

export function EditPerson({
  room,
  person,
  onClose,
}: {
  room: string;
  person: LiveParticipant;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [facts, setFacts] = useState<Facts>({ name: person.name, metadata: person.metadata });
  const [attributes, setAttributes] = useState(asLines(person.attributes));
  const save = useSave(room, person, onClose, () => ({
    ...changed(facts, person),
    attributes: difference(person.attributes, ofLines(attributes) ?? {}),
  }));
  return (
    <Dialog
      title={t('live.editOf', { name: person.name || person.identity })}
      isOpen
      onClose={onClose}
    >
      <DialogForm action={t('common.save')} {...save} onClose={onClose}>
        <TextField
          name="name"
          label={t('live.personName')}
          value={facts.name}
          onChange={(name) => setFacts({ ...facts, name })}
        />
        <TextField
          name="metadata"
          label={t('live.metadata')}
          hint={t('live.cannotEmpty')}
          value={facts.metadata}
          onChange={(metadata) => setFacts({ ...facts, metadata })}
        />
        <TextField
          name="attributes"
          label={t('live.attributes')}
          hint={t('live.attributesHint')}
          value={attributes}
          onChange={setAttributes}
          check={(text) => (ofLines(text) ? undefined : t('live.notAttributes'))}
        />
      </DialogForm>
    </Dialog>
  );
}

export function EditRights({
  room,
  person,
  onClose,
}: {
  room: string;
  person: LiveParticipant;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [rights, setRights] = useState(person.permission);
  const save = useSave(room, person, onClose, () => ({
    permission: Object.fromEntries(RIGHTS.map((right) => [right, rights[right]])),
  }));
  const name = person.name || person.identity;
  return (
    <Dialog title={t('participants.permissionsOf', { name })} isOpen onClose={onClose}>
      <DialogForm action={t('common.save')} {...save} onClose={onClose}>
        <div>
          {RIGHTS.map((right) => (
            <Switch
              key={right}
              label={t(`live.right.${right}`)}
              isSelected={rights[right]}
              onChange={(on) => setRights({ ...rights, [right]: on })}
            />
          ))}
        </div>
      </DialogForm>
    </Dialog>
  );
}

function useSave(
  room: string,
  person: LiveParticipant,
  onClose: () => void,
  change: () => Parameters<typeof updateLiveParticipant>[2],
) {
  const queryClient = useQueryClient();
  const { run, pending, failure } = useAction(async () => {
    await updateLiveParticipant(room, person.identity, change());
    await queryClient.invalidateQueries({ queryKey: ['live'] });
    onClose();
  });
  return { pending, failure, onSubmit: () => void run() };
}

/** What LiveKit takes: it cannot empty a text, and an unchanged one is no change. */
const changed = (facts: Facts, person: LiveParticipant): Partial<Facts> =>
  Object.fromEntries(
    Object.entries(facts).filter(([key, text]) => text && text !== person[key as keyof Facts]),
  );

const asLines = (attributes: Record<string, string>) =>
  Object.keys(attributes).length > 0 ? JSON.stringify(attributes) : '';

function ofLines(text: string): Record<string, string> | undefined {
  if (!text.trim()) return {};
  try {
    const value: unknown = JSON.parse(text);
    const fits =
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((each) => typeof each === 'string');
    return fits ? (value as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
}

/** Changed attributes; an empty text deletes one that is gone. */
function difference(before: Record<string, string>, after: Record<string, string>) {
  const gone = Object.keys(before).filter((key) => !(key in after));
  const set = Object.entries(after).filter(([key, value]) => before[key] !== value);
  return Object.fromEntries([...set, ...gone.map((key) => [key, ''])]);
}
