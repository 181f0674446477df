/** A link that is shown once: said so, selected, and copied with one press. */
import { useTranslation } from 'react-i18next';
import { Button } from '../../../primitives/Button';
import { copyText } from '../../../primitives/copyText';
import { DialogActions } from '../../../primitives/Dialog';
import { TextField } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { toast } from '../../../primitives/Toasts';
import { useShownOnce } from '../../../primitives/useShownOnce';

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
  const taken = useShownOnce(link);
  const copy = async () => {
    const copied = await copyText(link);
    if (copied) taken();
    toast(copied ? t('home.copied') : link);
  };
  return (
    <>
      <Notice tone="good">{notice}</Notice>
      <TextField label={label} hideLabel value={link} isReadOnly autoFocus />
      <DialogActions>
        <Button onPress={onClose}>{t('common.close')}</Button>
        <Button look="primary" onPress={() => void copy()}>
          {t('home.copyLink')}
        </Button>
      </DialogActions>
    </>
  );
}
