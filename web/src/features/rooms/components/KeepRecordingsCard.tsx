/** How long recordings of a room are kept; for its owner. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import type { Room } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { TextField } from '../../../primitives/Field';
import { Form } from '../../../primitives/Form';
import { Card, pageStyles } from '../../../primitives/Page';
import { useRoomUpdate } from '../hooks/useRoomUpdate';

export function KeepRecordingsCard({ room }: { room: Room }) {
  const { t } = useTranslation();
  // Only what was typed: the rest follows the room, whoever changes it.
  const [typed, setTyped] = useState<string | null>(null);
  const { run, pending, failure } = useRoomUpdate(room);
  const ruled = room.keep_recordings_days;
  const days = typed ?? (ruled === 0 ? '' : String(ruled));
  const kept = room.recording.keep_days;
  const save = async () => {
    if (await run({ keep_recordings_days: Number(days) })) setTyped(null);
  };
  return (
    <Card title={t('settings.keepRecordings')}>
      <Form
        className={pageStyles.stack}
        failure={failure}
        onSubmit={() => void save()}
        actions={
          <div>
            <Button type="submit" look="primary" isPending={pending}>
              {t('common.save')}
            </Button>
          </div>
        }
      >
        <TextField
          name="keep_recordings_days"
          label={t('recording.keepDays')}
          rules={rulesOf('UpdateRoom', 'keep_recordings_days')}
          hint={[
            t('settings.keepRecordingsHint'),
            kept === null ? t('recording.keptForEver') : t('recording.keptDays', { count: kept }),
          ].join(' ')}
          type="number"
          inputMode="numeric"
          value={days}
          onChange={setTyped}
        />
      </Form>
    </Card>
  );
}
