/** A webhook's secret, this once. */
import { useTranslation } from 'react-i18next';
import { Button } from '../../../primitives/Button';
import { DialogActions } from '../../../primitives/Dialog';
import { Notice } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { Copied } from '../../programs';

export function Secret({
  secret,
  rotated,
  onClose,
}: {
  secret: string;
  /** Whether there was one before. */
  rotated?: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <div className={pageStyles.stack}>
      <Notice tone="good">{rotated ? t('webhooks.rotated') : t('webhooks.made')}</Notice>
      <Copied label={t('webhooks.secret')} text={secret} once />
      <DialogActions>
        <Button look="primary" onPress={onClose}>
          {t('common.close')}
        </Button>
      </DialogActions>
    </div>
  );
}
