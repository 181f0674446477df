/** Shows a page to signed-in people only, or to those who have a right; visitors are sent to sign in and come back. */
import { Fragment, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useLocation } from 'react-router';
import { LinkButton } from '../../../primitives/Button';
import { Loading, pageStyles, useTitle } from '../../../primitives/Page';
import { useMe } from '../hooks/useMe';
import { may, type Right } from '../rights';

export function RequireUser({ right, children }: { right?: Right; children: ReactNode }) {
  const me = useMe();
  const location = useLocation();
  if (me === undefined) return <Loading />;
  if (me === null) {
    const next = encodeURIComponent(location.pathname + location.search);
    return <Navigate to={`/sign-in?next=${next}`} replace />;
  }
  if (right && !may(me.role, right)) return <AdminsOnly />;
  // Nothing that was typed or opened as one person is shown to the next.
  return <Fragment key={me.id}>{children}</Fragment>;
}

function AdminsOnly() {
  const { t } = useTranslation();
  useTitle(t('auth.adminsOnly'));
  return (
    <div className={`${pageStyles.narrow} ${pageStyles.stack}`}>
      <h1>{t('auth.adminsOnly')}</h1>
      <p>{t('auth.adminsOnlyText')}</p>
      <LinkButton to="/" look="primary">
        {t('common.home')}
      </LinkButton>
    </div>
  );
}
