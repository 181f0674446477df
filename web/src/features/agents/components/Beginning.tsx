/** No worker is registered: what one needs to come. */
import { useTranslation } from 'react-i18next';
import { Notice } from '../../../primitives/Notice';
import { pageStyles } from '../../../primitives/Page';
import { Copied } from '../../programs';

const COMMAND = 'python my_agent.py start';

export function Beginning({ url }: { url: string }) {
  const { t } = useTranslation();
  return (
    <div className={pageStyles.stack}>
      <Notice>{t('agents.none')}</Notice>
      <p>{t('agents.noneHow')}</p>
      <Copied label="LIVEKIT_URL" text={url} />
      <Copied
        label={t('agents.command')}
        text={`LIVEKIT_URL=${url} LIVEKIT_API_KEY=API… LIVEKIT_API_SECRET=… ${COMMAND}`}
      />
    </div>
  );
}
