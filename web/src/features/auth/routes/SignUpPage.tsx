/** Make an account, where this server takes new ones. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { rulesOf } from '../../../api/limits';
import { TextField } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { Failed, Loading, pageStyles, useTitle } from '../../../primitives/Page';
import { getSite } from '../../site';
import { register } from '../api/register';
import { AccountForm } from '../components/AccountForm';

export function SignUpPage() {
  const { t } = useTranslation();
  const { data: site, error, refetch } = useQuery(getSite);
  useTitle(t('auth.signUpTitle'));
  if (!site && error) return <Failed error={error} retry={() => void refetch()} />;
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
  const given = search.get('invite') ?? '';
  const [invite, setInvite] = useState(given);
  return (
    <AccountForm
      title={t('auth.signUpTitle')}
      lead={given ? t('auth.invited') : inviteNeeded ? t('auth.inviteNeeded') : undefined}
      action={t('auth.signUp')}
      request="Register"
      create={(account) => register({ ...account, invite: invite.trim() || undefined })}
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
          autoFocus
        />
      )}
    </AccountForm>
  );
}
