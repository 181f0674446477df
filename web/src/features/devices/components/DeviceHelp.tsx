/** Says in plain words why a device can't be used and what to do about it. */
import { useTranslation } from 'react-i18next';
import { Button } from '../../../primitives/Button';
import { Notice } from '../../../primitives/Notice';
import type { DeviceFailure } from '../failure';

export function DeviceHelp({
  device,
  failure,
  onRetry,
}: {
  device: 'microphone' | 'camera' | 'both';
  failure: DeviceFailure;
  onRetry: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Notice tone="warn">
      <strong>{t(`devices.help.${device}.${failure}`)}</strong>
      <span>{t(`devices.help.advice.${failure}`)}</span>
      {failure !== 'insecure' && (
        <div>
          <Button small onPress={onRetry}>
            {t('common.retry')}
          </Button>
        </div>
      )}
    </Notice>
  );
}
