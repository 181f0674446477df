/** The end of a room. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Room } from '../../../api/types';
import { Button } from '../../../primitives/Button';
import { Confirm } from '../../../primitives/Dialog';
import { Card } from '../../../primitives/Page';
import { deleteRoom } from '../api/deleteRoom';

export function DeleteCard({ room }: { room: Room }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  return (
    <Card
      title={t('settings.delete')}
      lead={t('settings.deleteLead')}
      actions={
        <Button look="dangerSoft" onPress={() => setAsking(true)}>
          {t('settings.delete')}
        </Button>
      }
    >
      <Confirm
        title={t('settings.deleteTitle', { name: room.name })}
        text={t('settings.deleteText')}
        action={t('common.delete')}
        isOpen={asking}
        onClose={() => setAsking(false)}
        onConfirm={async () => {
          await deleteRoom(room.slug);
          void queryClient.invalidateQueries({ queryKey: ['rooms'] });
          navigate('/');
        }}
      />
    </Card>
  );
}
