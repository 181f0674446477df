/** Says, in place of a page of the administration, that it is for others. */
import { useTranslation } from 'react-i18next';

export function NotYours() {
  const { t } = useTranslation();
  return (
    <>
      <h1>{t('admin.notYours')}</h1>
      <p>{t('admin.notYoursText')}</p>
    </>
  );
}
