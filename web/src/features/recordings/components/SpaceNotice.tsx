/** Tells in time that soon nothing can be recorded, for want of space. Nothing while there is enough. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Notice } from '../../../primitives/Notice';
import { useFormat } from '../../../primitives/useFormat';
import { getSpace } from '../api/getSpace';

export function SpaceNotice() {
  const { t } = useTranslation();
  const format = useFormat();
  // A page that cannot know it says nothing of it: the server refuses in plain words.
  const space = useQuery(getSpace).data;
  if (!space) return null;
  const { own, own_bytes, own_quota_bytes, site } = space;
  const told = [
    own !== 'plenty' &&
      t(`recording.space.own.${own}`, {
        taken: format.bytes(own_bytes),
        quota: format.bytes(own_quota_bytes ?? 0),
      }),
    site !== 'plenty' && t(`recording.space.site.${site}`),
  ].filter((text) => typeof text === 'string');
  if (told.length === 0) return null;
  return (
    <Notice tone="warn">
      {told.map((text) => (
        <p key={text}>{text}</p>
      ))}
    </Notice>
  );
}
