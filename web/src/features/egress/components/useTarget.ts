/** What is sent out, in the page's words. */
import { useTranslation } from 'react-i18next';
import type { components } from '../../../api/schema';

type Egress = components['schemas']['Egress'];

export function useTarget(): (of: Egress) => string {
  const { t } = useTranslation();
  return ({ target }) => {
    switch (target?.kind) {
      case 'room':
        return t(target.audio_only ? 'egress.target.roomSound' : 'egress.target.room');
      case 'participant':
        return t('egress.target.participant', { identity: target.identity });
      case 'tracks':
      case 'track':
        return t('egress.target.tracks');
      case 'web':
        return target.url;
      case undefined:
        return t('egress.target.other');
    }
  };
}
