/** Tokens made by hand, to try things out, and tokens pasted to see what they say. */
import { useTranslation } from 'react-i18next';
import { Card, pageStyles } from '../../../primitives/Page';
import { useMay } from '../../auth';
import { MakeToken } from './MakeToken';
import { ReadToken } from './ReadToken';

export function TokensCard() {
  const { t } = useTranslation();
  const administers = useMay('administer');
  return (
    <div className={pageStyles.stack}>
      {administers && (
        <Card title={t('programs.makeToken')} lead={t('programs.makeTokenLead')}>
          <MakeToken />
        </Card>
      )}
      <Card title={t('programs.readToken')} lead={t('programs.readTokenLead')}>
        <ReadToken />
      </Card>
    </div>
  );
}
