/** What is typed into an encoder: the address and the key. */
import { useTranslation } from 'react-i18next';
import type { components } from '../../../api/schema';
import { Button } from '../../../primitives/Button';
import { DialogActions } from '../../../primitives/Dialog';
import { Notice } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { Copied } from '../../programs';

export function SetUp({
  of,
  onClose,
}: {
  of: components['schemas']['Ingress'];
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <div className={pageStyles.stack}>
      <Notice>{of.kind === 'rtmp' ? t('ingress.howRtmp') : t('ingress.howWhip')}</Notice>
      <Copied label={t('ingress.url')} text={of.url} />
      {of.stream_key !== null && <Copied label={t('ingress.key')} text={of.stream_key} />}
      <DialogActions>
        <Button look="primary" onPress={onClose}>
          {t('common.close')}
        </Button>
      </DialogActions>
    </div>
  );
}
