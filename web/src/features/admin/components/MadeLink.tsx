/** A link that is shown once: said so, selected, and copied with one press. */
import { useTranslation } from 'react-i18next';
import { Button } from '../../../primitives/Button';
import { copyText } from '../../../primitives/copyText';
import { DialogActions } from '../../../primitives/Dialog';
import { TextField } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { toast } from '../../../primitives/Toasts';

export function MadeLink({
  notice,
  label,
  link,
  onClose,
}: {
  notice: string;
  label: string;
  link: string;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <>
      <Notice tone="good">{notice}</Notice>
      <TextField label={label} hideLabel value={link} isReadOnly autoFocus />
      <DialogActions>
        <Button onPress={onClose}>{t('common.close')}</Button>
        <Button
          look="primary"
          onPress={async () => toast((await copyText(link)) ? t('home.copied') : link)}
        >
          {t('home.copyLink')}
        </Button>
      </DialogActions>
    </>
  );
}
