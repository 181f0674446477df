/** The page for addresses that lead nowhere and for pages that broke. */
import { useTranslation } from 'react-i18next';
import { isRouteErrorResponse, useRouteError } from 'react-router';
import { LinkButton } from '../../../primitives/Button';
import { pageStyles, useTitle } from '../../../primitives/Page';
import { Brand } from '../components/Brand';

export function NotFoundPage() {
  const { t } = useTranslation();
  const error = useRouteError();
  const missing = isRouteErrorResponse(error) && error.status === 404;
  const title = missing ? t('notFound.title') : t('broken.title');
  useTitle(title);
  return (
    <main className={`${pageStyles.narrow} ${pageStyles.stack}`}>
      <Brand />
      <h1>{title}</h1>
      <p>{missing ? t('notFound.text') : t('broken.text')}</p>
      <LinkButton to="/" look="primary">
        {t('common.home')}
      </LinkButton>
    </main>
  );
}
