/** The first administrator's account, made once with the link the server printed. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { LinkButton } from '../../../primitives/Button';
import { Notice } from '../../../primitives/Notice';
import { Failed, Loading, pageStyles, useTitle } from '../../../primitives/Page';
import { getSite } from '../../site';
import { setUp } from '../api/setUp';
import { AccountForm } from '../components/AccountForm';
import { OneTimeLink } from '../components/OneTimeLink';

export function SetupPage() {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const token = search.get('token') ?? '';
  const { data: site, error, refetch } = useQuery(getSite);
  useTitle(t('auth.setupTitle'));
  if (!site && error) return <Failed error={error} retry={() => void refetch()} />;
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
    <OneTimeLink kind="setup" token={token} title={t('auth.setupTitle')}>
      <AccountForm
        title={t('auth.setupTitle')}
        lead={t('auth.setupText')}
        action={t('auth.setupSubmit')}
        request="Setup"
        create={(account) => setUp({ token, ...account })}
      />
    </OneTimeLink>
  );
}
