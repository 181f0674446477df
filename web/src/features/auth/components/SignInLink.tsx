/** The way to sign in and come back to this page. */
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { LinkButton } from '../../../primitives/Button';

export function SignInLink({ wide }: { wide?: boolean }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  return (
    <LinkButton to={`/sign-in?next=${encodeURIComponent(pathname)}`} look="primary" wide={wide}>
      {t('auth.signIn')}
    </LinkButton>
  );
}
