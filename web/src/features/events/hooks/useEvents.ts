/** Keeps the cache true while a page is open: each server event marks what it touches as stale. */
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { EventKind } from '../../../api/types';
import { useMe } from '../../auth';
import type { Told } from '../event';
import { listen } from '../tab';

/** `room` is what the page's queries name the room by: its link code or its id. */
export function useEvents(room?: string, enabled = true): void {
  const queryClient = useQueryClient();
  const me = useMe();
  const subject = me === undefined ? undefined : me ? `${me.id} ${me.role}` : '';
  useEffect(() => {
    if (!enabled || subject === undefined || typeof EventSource === 'undefined') return;
    return listen(room, subject, (told) => apply(queryClient, told, room));
  }, [queryClient, room, enabled, subject]);
}

export function apply(queryClient: QueryClient, told: Told, room?: string): void {
  if (told.type === 'refused') {
    void queryClient.invalidateQueries({ queryKey: ['me'] });
  } else if (told.type === 'again') {
    // What happened meanwhile is unknown: look again at everything that an event may touch.
    const touched = [
      ['site'],
      ['connectivity'],
      ['rooms'],
      ['admin'],
      ['live'],
      ['recordings'],
      ['recording'],
    ];
    if (room !== undefined) touched.push(['room', room]);
    for (const queryKey of touched) markStale(queryClient, { queryKey });
  } else if (concerns(queryClient, told, room)) {
    applyEvent(queryClient, told.type, room);
  }
}

/** One stream serves all tabs: what is told of another tab's room is not for this one. */
function concerns(
  queryClient: QueryClient,
  told: Extract<Told, { type: EventKind }>,
  room: string | undefined,
): boolean {
  if (room === undefined || told.room === undefined) return true;
  const known = queryClient.getQueryData<{ id?: string }>(['room', room])?.id;
  return told.room === room || [room, known].includes(told.room_id);
}

export function applyEvent(queryClient: QueryClient, type: EventKind, slug?: string): void {
  const stale = (queryKey: string[], exact = false) => markStale(queryClient, { queryKey, exact });
  if (type === 'media.status') {
    stale(['site']);
    stale(['connectivity']);
    stale(['admin', 'overview']);
    stale(['admin', 'health']);
    return;
  }
  if (type.startsWith('recording.') || type === 'room.deleted') {
    stale(['recordings']);
    stale(['recording']);
  }
  stale(['rooms']);
  stale(['admin', 'rooms']);
  stale(['admin', 'overview']);
  stale(['live']);
  if (slug === undefined) return;
  if (type === 'room.updated') {
    stale(['room', slug]);
    return;
  }
  if (type === 'meeting.started' || type === 'meeting.ended') stale(['room', slug, 'meetings']);
  if (type.startsWith('participant.') || type === 'hand.changed') {
    stale(['room', slug, 'participants']);
  }
  stale(['room', slug], true);
}

/** First answers under way that an event overtook. */
const overtaken = new WeakSet<Promise<unknown>>();

function markStale(
  queryClient: QueryClient,
  filters: { queryKey: string[]; exact?: boolean },
): void {
  void queryClient.invalidateQueries(filters);
  // A refetch is begun anew; a first answer that comes would count as new, though it may be from before the event.
  for (const query of queryClient
    .getQueryCache()
    .findAll({ ...filters, fetchStatus: 'fetching' })) {
    const { promise, queryKey } = query;
    if (query.state.data !== undefined || !promise || overtaken.has(promise)) continue;
    overtaken.add(promise);
    const again = () => void queryClient.invalidateQueries({ queryKey, exact: true });
    promise.then(again, () => undefined);
  }
}
