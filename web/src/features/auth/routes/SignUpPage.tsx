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
import { OneTimeLink } from '../components/OneTimeLink';

export function SignUpPage() {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const given = search.get('invite') ?? '';
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
  const form = <SignUpForm inviteNeeded={site.registration === 'invite'} given={given} />;
  if (given === '') return form;
  return (
    <OneTimeLink kind="invite" token={given} title={t('auth.signUpTitle')}>
      {form}
    </OneTimeLink>
  );
}

function SignUpForm({ inviteNeeded, given }: { inviteNeeded: boolean; given: string }) {
  const { t } = useTranslation();
  const [invite, setInvite] = useState(given);
  return (
    <AccountForm
      title={t('auth.signUpTitle')}
      lead={given ? t('auth.invited') : inviteNeeded ? t('auth.inviteNeeded') : undefined}
      action={t('auth.signUp')}
      request="Register"
      create={(account) => register({ ...account, invite: codeIn(invite) || undefined })}
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

/** People are given a link and paste all of it. */
function codeIn(text: string): string {
  return text.trim().replace(/^.*[?&]invite=([^&#]*).*$/, '$1');
}
