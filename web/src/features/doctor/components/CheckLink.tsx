/** A check's link, to be opened on another network: as text, and for a telephone's camera. */
import { useTranslation } from 'react-i18next';
import { Button } from '../../../primitives/Button';
import { copyText } from '../../../primitives/copyText';
import { TextField } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { QrCode } from '../../../primitives/QrCode';
import { toast } from '../../../primitives/Toasts';
import styles from './Doctor.module.css';

export function CheckLink({ url }: { url: string }) {
  const { t } = useTranslation();
  const copy = async () => toast((await copyText(url)) ? t('home.copied') : url);
  return (
    <>
      <Notice>{t('doctor.linkLead')}</Notice>
      <div className={styles.link}>
        <QrCode text={url} label={t('doctor.qr')} />
        <div>
          <TextField label={t('doctor.link')} value={url} isReadOnly />
          <Button small onPress={() => void copy()}>
            {t('home.copyLink')}
          </Button>
        </div>
      </div>
    </>
  );
}
