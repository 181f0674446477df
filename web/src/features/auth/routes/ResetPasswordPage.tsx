/** A new password, chosen once with the link an administrator made. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { LinkButton } from '../../../primitives/Button';
import { Notice } from '../../../primitives/Notice';
import { pageStyles, useTitle } from '../../../primitives/Page';
import { useAction } from '../../../primitives/useAction';
import { resetPassword } from '../api/resetPassword';
import { AuthCard } from '../components/AuthCard';
import { OneTimeLink } from '../components/OneTimeLink';
import { NewPasswordField } from '../components/PasswordField';
import { useEntered } from '../hooks/useEntered';

export function ResetPasswordPage() {
  const { t } = useTranslation();
  const token = new URLSearchParams(useLocation().hash.slice(1)).get('token') ?? '';
  useTitle(t('auth.resetTitle'));
  if (token === '') {
    return (
      <div className={`${pageStyles.narrow} ${pageStyles.stack}`}>
        <h1>{t('auth.resetTitle')}</h1>
        <Notice>{t('auth.forgottenText')}</Notice>
        <LinkButton to="/sign-in" look="primary">
          {t('auth.signIn')}
        </LinkButton>
      </div>
    );
  }
  return (
    <OneTimeLink kind="reset_password" token={token} title={t('auth.resetTitle')}>
      <NewPasswordForm token={token} />
    </OneTimeLink>
  );
}

function NewPasswordForm({ token }: { token: string }) {
  const { t } = useTranslation();
  const { enter } = useEntered();
  const [password, setPassword] = useState('');
  const { run, pending, failure } = useAction(async () =>
    enter(await resetPassword({ token, password })),
  );
  return (
    <AuthCard
      title={t('auth.resetTitle')}
      lead={t('auth.resetText')}
      action={t('auth.resetSubmit')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
    >
      <NewPasswordField
        name="password"
        label={t('account.newPassword')}
        value={password}
        onChange={setPassword}
      />
    </AuthCard>
  );
}
