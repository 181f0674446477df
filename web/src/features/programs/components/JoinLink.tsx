/** The way into the call with a token that was just made: a link, and the same for a telephone's camera. */
import { useTranslation } from 'react-i18next';
import { QrCode } from '../../../primitives/QrCode';
import { Copied } from './Copied';

export function JoinLink({ token }: { token: string }) {
  const { t } = useTranslation();
  const link = `${location.origin}/connect/token#${token}`;
  return (
    <>
      <Copied label={t('programs.joinLink')} text={link} />
      <QrCode text={link} label={t('programs.joinQr')} />
    </>
  );
}
