/** The form that makes an account and signs it in: the first administrator's, and everybody's own. */
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import type { SignedIn } from '../../../api/types';
import { TextField } from '../../../primitives/Field';
import { useAction } from '../../../primitives/useAction';
import { useEntered } from '../hooks/useEntered';
import { AuthCard } from './AuthCard';
import { NewPasswordField } from './PasswordField';

export type NewAccount = { email: string; name: string; password: string };

export function AccountForm({
  title,
  lead,
  action,
  request,
  create,
  children,
  footer,
}: {
  title: string;
  lead?: string;
  action: string;
  /** Whose rules the fields follow. */
  request: 'Setup' | 'Register';
  create: (account: NewAccount) => Promise<SignedIn>;
  /** What is asked before the account itself. */
  children?: ReactNode;
  footer?: ReactNode;
}) {
  const { t } = useTranslation();
  const { enter } = useEntered();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { run, pending, failure } = useAction(async () =>
    enter(await create({ email: email.trim(), name: name.trim(), password })),
  );
  return (
    <AuthCard
      title={title}
      lead={lead}
      action={action}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      footer={footer}
    >
      {children}
      <TextField
        name="name"
        label={t('auth.name')}
        hint={t('auth.nameHint')}
        value={name}
        onChange={setName}
        rules={rulesOf(request, 'name')}
        autoComplete="name"
        isRequired
        autoFocus={!children}
      />
      <TextField
        name="email"
        label={t('auth.email')}
        type="email"
        value={email}
        onChange={setEmail}
        rules={rulesOf(request, 'email')}
        autoComplete="username"
        isRequired
      />
      <NewPasswordField
        name="password"
        label={t('auth.password')}
        value={password}
        onChange={setPassword}
      />
    </AuthCard>
  );
}
