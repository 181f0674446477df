/** The first administrator's account, made once with the link the server printed. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { rulesOf } from '../../../api/limits';
import { LinkButton } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { Loading, pageStyles, useTitle } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { getSite } from '../../site';
import { setUp } from '../api/setUp';
import { AuthCard } from '../components/AuthCard';
import { NewPasswordField } from '../components/PasswordField';
import { useEntered } from '../hooks/useEntered';

export function SetupPage() {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const token = search.get('token') ?? '';
  const site = useQuery(getSite).data;
  const { enter } = useEntered();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { run, pending, failure } = useAction(async () =>
    enter(await setUp({ token, email: email.trim(), name: name.trim(), password })),
  );
  useTitle(t('auth.setupTitle'));
  if (!site) return <Loading />;
  if (!site.setup_required || token === '') {
    return (
      <div className={`${pageStyles.narrow} ${pageStyles.stack}`}>
        <h1>{t('auth.setupTitle')}</h1>
        <Notice>{site.setup_required ? t('auth.setupNoToken') : t('auth.setupDone')}</Notice>
        <LinkButton to={site.setup_required ? '/' : '/sign-in'} look="primary">
          {site.setup_required ? t('common.home') : t('auth.signIn')}
        </LinkButton>
      </div>
    );
  }
  return (
    <AuthCard
      title={t('auth.setupTitle')}
      lead={t('auth.setupText')}
      action={t('auth.setupSubmit')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
    >
      <TextField
        name="name"
        label={t('auth.name')}
        hint={t('auth.nameHint')}
        value={name}
        onChange={setName}
        rules={rulesOf('Setup', 'name')}
        autoComplete="name"
        isRequired
        autoFocus
      />
      <TextField
        name="email"
        label={t('auth.email')}
        type="email"
        value={email}
        onChange={setEmail}
        rules={rulesOf('Setup', 'email')}
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
