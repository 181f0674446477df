/** Who may not come back, and the way to forgive. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Avatar } from '../../../primitives/Avatar';
import { attempt } from '../../../primitives/attempt';
import { Button } from '../../../primitives/Button';
import { Card, Empty, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { listBans, unban } from '../../participants';

export function BansCard({ slug, readOnly }: { slug: string; readOnly?: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queryClient = useQueryClient();
  const bans = useQuery(listBans(slug));
  const lift = async (id: string) => {
    await attempt(unban(slug, id));
    await queryClient.invalidateQueries(listBans(slug));
  };
  return (
    <Card title={t('settings.bans')}>
      {bans.isPending && <Loading />}
      {bans.isError && <Failed error={bans.error} />}
      {bans.data?.items.length === 0 && <Empty>{t('settings.noBans')}</Empty>}
      <ul className={pageStyles.list}>
        {bans.data?.items.map((ban) => (
          <li key={ban.id} className={pageStyles.item}>
            <Avatar name={ban.name} size={38} />
            <div className={pageStyles.itemText}>
              <div className={pageStyles.itemTitle}>{ban.name}</div>
              <div className={pageStyles.itemHint}>
                {[
                  ban.reason,
                  t('settings.bannedBy', { name: ban.banned_by }),
                  format.dateTime(ban.created_at),
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </div>
            </div>
            {!readOnly && (
              <Button
                small
                aria-label={t('settings.unbanOf', { name: ban.name })}
                onPress={() => void lift(ban.id)}
              >
                {t('settings.unban')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
