/** An account for somebody: with a password that they are told, or with a link with which they choose one. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import { Dialog } from '../../../primitives/Dialog';
import { DialogForm } from '../../../primitives/DialogForm';
import { Select, TextField } from '../../../primitives/Field';
import { toast } from '../../../primitives/Toasts';
import { useAction } from '../../../primitives/useAction';
import { useFormat } from '../../../primitives/useFormat';
import { NewPasswordField } from '../../auth';
import { createUser } from '../api/createUser';
import { MadeLink } from './MadeLink';
import { ROLES } from './roles';

type Made = { name: string; url: string; expires_at: number };
type Role = (typeof ROLES)[number];

export function NewUserDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t('person.create')} isOpen onClose={onClose}>
      <NewUser onClose={onClose} />
    </Dialog>
  );
}

function NewUser({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queryClient = useQueryClient();
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('user');
  const [way, setWay] = useState<'link' | 'password'>('link');
  const [password, setPassword] = useState('');
  const [made, setMade] = useState<Made | null>(null);
  const { run, pending, failure } = useAction(async () => {
    const { user, link } = await createUser({
      email: email.trim(),
      name: name.trim(),
      role,
      password: way === 'password' ? password : undefined,
    });
    void queryClient.invalidateQueries({ queryKey: ['admin'] });
    if (link) {
      setMade({ name: user.name, ...link });
    } else {
      toast(t('person.made', { name: user.name }));
      onClose();
    }
  });
  if (made) {
    return (
      <MadeLink
        notice={t('person.madeWithLink', {
          name: made.name,
          when: format.dateTime(made.expires_at),
        })}
        label={t('person.setupLink')}
        link={made.url}
        onClose={onClose}
      />
    );
  }
  return (
    <DialogForm
      action={t('person.create')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <TextField
        name="name"
        label={t('person.name')}
        rules={rulesOf('CreateUser', 'name')}
        value={name}
        onChange={setName}
        autoComplete="off"
        autoFocus
        isRequired
      />
      <TextField
        name="email"
        type="email"
        label={t('person.email')}
        rules={rulesOf('CreateUser', 'email')}
        value={email}
        onChange={setEmail}
        autoComplete="off"
        isRequired
      />
      <Select
        label={t('person.role')}
        choices={ROLES.map((id) => ({ id, label: t(`admin.role.${id}`) }))}
        value={role}
        onChange={(id) => setRole(id as Role)}
      />
      <Select
        label={t('person.firstSignIn')}
        choices={[
          { id: 'link', label: t('person.byLink'), hint: t('person.byLinkHint') },
          { id: 'password', label: t('person.byPassword') },
        ]}
        value={way}
        onChange={(id) => setWay(id as 'link' | 'password')}
      />
      {way === 'password' && (
        <NewPasswordField
          name="password"
          value={password}
          onChange={setPassword}
          label={t('person.password')}
        />
      )}
    </DialogForm>
  );
}
