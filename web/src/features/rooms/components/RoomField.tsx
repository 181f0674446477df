/** A field that names a room by its link, its code, or its name on the media server, and says which room is meant. */
import { useQuery } from '@tanstack/react-query';
import { type ComponentProps, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../../api/problem';
import { TextField } from '../../../primitives/Field';
import { getRoom } from '../api/getRoom';
import { usePasted } from '../hooks/usePasted';

/** Nobody is asked about a code that is being typed. */
const TYPED_MS = 400;

export function RoomField({
  isLive = false,
  ...props
}: Omit<ComponentProps<typeof TextField>, 'hint' | 'value' | 'isRequired'> & {
  value: string;
  /** Whether only a room will do that is there already. */
  isLive?: boolean;
}) {
  const hint = useMeant(props.value, isLive);
  return <TextField {...props} hint={hint} isRequired />;
}

function useMeant(value: string, isLive: boolean) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setText(value.trim()), TYPED_MS);
    return () => clearTimeout(timer);
  }, [value]);
  const pasted = usePasted()(text);
  const slug = 'slug' in pasted ? pasted.slug : undefined;
  const room = useQuery({ ...getRoom(slug ?? ''), enabled: slug !== undefined });
  // What is being typed is not known yet.
  if (text === '' || text !== value.trim()) return t('room.namedHint');
  if (room.data) return t('room.meansOurs', { name: room.data.name });
  const isNone = room.error instanceof Problem && room.error.status === 404;
  const isLink = text.includes('://') || ('wrong' in pasted && pasted.wrong === 'elsewhere');
  if (isLink) return slug === undefined || isNone ? t('room.leadsNowhere') : t('room.namedHint');
  if (slug !== undefined && !isNone) return t('room.namedHint');
  return isLive
    ? t('room.meansLiveNoneOfOurs', { name: text })
    : t('room.meansNoneOfOurs', { name: text });
}
