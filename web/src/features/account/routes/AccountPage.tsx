/** One's own account: name, password, devices. */
import { useTranslation } from 'react-i18next';
import { Loading, pageStyles, useTitle } from '../../../primitives/Page';
import { RequireUser, useMe } from '../../auth';
import { PreferencesCard } from '../../preferences';
import { PasswordCard } from '../components/PasswordCard';
import { ProfileCard } from '../components/ProfileCard';
import { SessionsCard } from '../components/SessionsCard';

export function AccountPage() {
  return (
    <RequireUser>
      <Account />
    </RequireUser>
  );
}

function Account() {
  const { t } = useTranslation();
  const me = useMe();
  useTitle(t('account.title'));
  if (!me) return <Loading />;
  return (
    <div className={pageStyles.column} style={{ maxWidth: '42rem' }}>
      <h1>{t('account.title')}</h1>
      <ProfileCard user={me} />
      <PreferencesCard />
      <PasswordCard />
      <SessionsCard />
    </div>
  );
}
