/** Sign in with e-mail and password. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, useLocation } from 'react-router';
import { TextField } from '../../../primitives/Field';
import { pageStyles } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { getSite } from '../../site';
import { signIn } from '../api/signIn';
import { AuthCard } from '../components/AuthCard';
import { useEntered } from '../hooks/useEntered';
import { useMe } from '../hooks/useMe';

export function SignInPage() {
  const { t } = useTranslation();
  const { search } = useLocation();
  const site = useQuery(getSite).data;
  const me = useMe();
  const { enter, next } = useEntered();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { run, pending, failure } = useAction(async () =>
    enter(await signIn({ email: email.trim(), password })),
  );
  if (me && !pending) return <Navigate to={next} replace />;
  return (
    <AuthCard
      title={t('auth.signInTitle')}
      action={t('auth.signIn')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      footer={
        <>
          {site && site.registration === 'open' && (
            <p className={pageStyles.lead}>
              {t('auth.noAccount')} <Link to={`/sign-up${search}`}>{t('auth.signUp')}</Link>
            </p>
          )}
          <details className={pageStyles.lead}>
            <summary>{t('auth.forgotten')}</summary>
            {t('auth.forgottenText')}
          </details>
        </>
      }
    >
      <TextField
        name="email"
        label={t('auth.email')}
        type="email"
        value={email}
        onChange={setEmail}
        autoComplete="username"
        isRequired
        autoFocus
      />
      <TextField
        name="password"
        label={t('auth.password')}
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete="current-password"
        isRequired
      />
    </AuthCard>
  );
}
