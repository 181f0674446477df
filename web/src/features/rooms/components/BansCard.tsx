/** Who may not come back, and the way to forgive. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Avatar } from '../../../primitives/Avatar';
import { attempt } from '../../../primitives/attempt';
import { Button } from '../../../primitives/Button';
import { Card, pageStyles } from '../../../primitives/Page';
import { PagedList } from '../../../primitives/PagedList';
import { useFormat } from '../../../primitives/useFormat';
import { listBans, unban } from '../../participants';

export function BansCard({ slug, readOnly }: { slug: string; readOnly?: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queryClient = useQueryClient();
  const bans = useInfiniteQuery(listBans(slug));
  const lift = async (id: string) => {
    await attempt(unban(slug, id));
    await queryClient.invalidateQueries({ queryKey: listBans(slug).queryKey });
  };
  return (
    <Card title={t('settings.bans')}>
      <PagedList pages={bans} empty={t('settings.noBans')}>
        {(items) =>
          items.map((ban) => (
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
          ))
        }
      </PagedList>
    </Card>
  );
}
