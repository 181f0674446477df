/** Keeps the cache true while a page is open: each server event marks what it touches as stale. */
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

const TYPES = [
  'room.updated',
  'room.deleted',
  'meeting.started',
  'meeting.ended',
  'participant.joined',
  'participant.left',
  'participant.updated',
  'hand.changed',
  'media.status',
] as const;
export type EventType = (typeof TYPES)[number];

export function useEvents(slug?: string, enabled = true): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    if (!enabled || typeof EventSource === 'undefined') return;
    const query = slug === undefined ? '' : `?room=${encodeURIComponent(slug)}`;
    const source = new EventSource(`/api/events${query}`);
    for (const type of TYPES) {
      source.addEventListener(type, () => applyEvent(queryClient, type, slug));
    }
    let opened = false;
    source.addEventListener('open', () => {
      // Whatever happened while the stream was broken is unknown: look again at everything.
      if (opened) for (const type of TYPES) applyEvent(queryClient, type, slug);
      opened = true;
    });
    return () => source.close();
  }, [queryClient, slug, enabled]);
}

export function applyEvent(queryClient: QueryClient, type: EventType, slug?: string): void {
  const stale = (queryKey: string[], exact = false) =>
    void queryClient.invalidateQueries({ queryKey, exact });
  if (type === 'media.status') {
    stale(['site']);
    stale(['connectivity']);
    stale(['admin', 'overview']);
    return;
  }
  stale(['rooms']);
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
