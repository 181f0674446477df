/** Shows a form only to those whose one-time link is good: nobody fills it in for nothing. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../../api/problem';
import { LinkButton } from '../../../primitives/Button';
import { Failed, Loading, pageStyles } from '../../../primitives/Page';
import { checkLink, type LinkKind } from '../api/checkLink';

export function OneTimeLink({
  kind,
  token,
  title,
  children,
}: {
  kind: LinkKind;
  token: string;
  title: string;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const { isPending, error } = useQuery(checkLink(kind, token));
  if (isPending) return <Loading />;
  // Whatever else went wrong, the form itself will say.
  if (!(error instanceof Problem) || error.status !== 403) return children;
  return (
    <div className={`${pageStyles.narrow} ${pageStyles.stack}`}>
      <h1>{title}</h1>
      <Failed error={error} />
      <LinkButton to="/sign-in" look="primary">
        {t('auth.signIn')}
      </LinkButton>
    </div>
  );
}
