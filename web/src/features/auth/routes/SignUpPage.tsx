/** Make an account, where this server takes new ones. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { rulesOf } from '../../../api/limits';
import { TextField } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { Loading, pageStyles, useTitle } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { getSite } from '../../site';
import { register } from '../api/register';
import { AuthCard } from '../components/AuthCard';
import { NewPasswordField } from '../components/PasswordField';
import { useEntered } from '../hooks/useEntered';

export function SignUpPage() {
  const { t } = useTranslation();
  const site = useQuery(getSite).data;
  useTitle(t('auth.signUpTitle'));
  if (!site) return <Loading />;
  if (site.registration === 'closed') {
    return (
      <div className={`${pageStyles.narrow} ${pageStyles.stack}`}>
        <h1>{t('auth.signUpTitle')}</h1>
        <Notice>{t('auth.closed')}</Notice>
      </div>
    );
  }
  return <SignUpForm inviteNeeded={site.registration === 'invite'} />;
}

function SignUpForm({ inviteNeeded }: { inviteNeeded: boolean }) {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const { enter } = useEntered();
  const given = search.get('invite') ?? '';
  const [invite, setInvite] = useState(given);
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { run, pending, failure } = useAction(async () =>
    enter(
      await register({
        email: email.trim(),
        name: name.trim(),
        password,
        invite: invite.trim() || undefined,
      }),
    ),
  );
  return (
    <AuthCard
      title={t('auth.signUpTitle')}
      lead={given ? t('auth.invited') : inviteNeeded ? t('auth.inviteNeeded') : undefined}
      action={t('auth.signUp')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      footer={
        <p className={pageStyles.lead}>
          {t('auth.haveAccount')} <Link to="/sign-in">{t('auth.signIn')}</Link>
        </p>
      }
    >
      {inviteNeeded && given === '' && (
        <TextField
          name="invite"
          label={t('auth.invite')}
          value={invite}
          onChange={setInvite}
          rules={rulesOf('Register', 'invite')}
          isRequired
          autoComplete="off"
        />
      )}
      <TextField
        name="name"
        label={t('auth.name')}
        hint={t('auth.nameHint')}
        value={name}
        onChange={setName}
        rules={rulesOf('Register', 'name')}
        autoComplete="name"
        isRequired
      />
      <TextField
        name="email"
        label={t('auth.email')}
        type="email"
        value={email}
        onChange={setEmail}
        rules={rulesOf('Register', 'email')}
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
