/** Says, in place of a page, that there is none at this address. */
import { useTranslation } from 'react-i18next';
import { LinkButton } from '../../../primitives/Button';
import { pageStyles } from '../../../primitives/Page';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <div className={`${pageStyles.narrow} ${pageStyles.stack}`}>
      <h1>{t('notFound.title')}</h1>
      <p>{t('notFound.text')}</p>
      <LinkButton to="/" look="primary">
        {t('common.home')}
      </LinkButton>
    </div>
  );
}
