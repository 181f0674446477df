/** Where the room's calls are to be; shown where the site has several regions. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { problemText } from '../../../api/problem';
import type { Room } from '../../../api/types';
import { Select } from '../../../primitives/Field';
import { Notice } from '../../../primitives/Notice';
import { Card, pageStyles } from '../../../primitives/Page';
import { getSite } from '../../site';
import { useRoomUpdate } from '../hooks/useRoomUpdate';

const AUTOMATIC = 'automatic';

export function RegionCard({ room }: { room: Room }) {
  const { t } = useTranslation();
  const site = useQuery(getSite);
  const update = useRoomUpdate(room);
  const names = site.data?.regions.map(({ name }) => name) ?? [];
  if (names.length === 0) return null;
  const ids = [AUTOMATIC, ...names];
  // One that the site does not have any more is still what was chosen.
  if (!ids.includes(room.region)) ids.push(room.region);
  return (
    <Card title={t('settings.region')} lead={t('settings.regionLead')}>
      <div className={pageStyles.stack}>
        <Select
          label={t('settings.region')}
          hideLabel
          choices={ids.map((id) => ({
            id,
            label: id === AUTOMATIC ? t('settings.regionAutomatic') : id,
          }))}
          value={room.region}
          onChange={(region) => void update.run({ region })}
          isDisabled={update.pending}
        />
        {room.live.region && <p>{t('settings.regionNow', { region: room.live.region })}</p>}
        {update.failure !== null && <Notice tone="danger">{problemText(update.failure)}</Notice>}
      </div>
    </Card>
  );
}
