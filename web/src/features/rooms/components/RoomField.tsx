/** A field that names a room by its link, its code, or its name on the media server, and says which room is meant. */
import { useQuery } from '@tanstack/react-query';
import { type ComponentProps, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../../api/problem';
import { TextField } from '../../../primitives/Field';
import { getSite } from '../../site';
import { getRoom } from '../api/getRoom';
import { slugFromInput } from '../roomLink';

/** Nobody is asked about a code that is being typed. */
const TYPED_MS = 400;

export function RoomField(
  props: Omit<ComponentProps<typeof TextField>, 'hint' | 'value' | 'isRequired'> & {
    value: string;
  },
) {
  const hint = useMeant(props.value);
  return <TextField {...props} hint={hint} isRequired />;
}

function useMeant(value: string) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setText(value.trim()), TYPED_MS);
    return () => clearTimeout(timer);
  }, [value]);
  const url = useQuery(getSite).data?.url;
  const pasted = slugFromInput(text, [location.host, ...(url ? [new URL(url).host] : [])]);
  const slug = 'slug' in pasted ? pasted.slug : undefined;
  const room = useQuery({ ...getRoom(slug ?? ''), enabled: slug !== undefined });
  // What is being typed is not known yet.
  if (text === '' || text !== value.trim()) return t('room.namedHint');
  if (room.data) return t('room.meansOurs', { name: room.data.name });
  const isNone = room.error instanceof Problem && room.error.status === 404;
  // A link that leads nowhere is refused; a name may be one that programs gave.
  const isName = !text.includes('/') && (slug === undefined || isNone);
  return isName ? t('room.meansNoneOfOurs', { name: text }) : t('room.namedHint');
}
