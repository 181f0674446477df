/** Reactions: small, lossy, gone after a few seconds. */
import { type RemoteParticipant, type Room, RoomEvent } from 'livekit-client';
import { useCallback, useEffect, useRef, useState } from 'react';

const REACTION_TOPIC = 'convoke.reaction';
export const REACTIONS = ['👍', '❤️', '😂', '🎉', '👏', '😮'] as const;
export type Reaction = { id: number; emoji: string; name: string; offset: number };
const SHOWN_MS = 4_000;
const MOST_AT_ONCE = 30;

/** The emoji of a packet from the network, or null when it is anything else. */
export function reactionOf(payload: Uint8Array): string | null {
  try {
    const { emoji } = JSON.parse(new TextDecoder().decode(payload)) as { emoji?: unknown };
    return REACTIONS.find((known) => known === emoji) ?? null;
  } catch {
    return null;
  }
}

export function useReactions(room: Room, onReaction: (emoji: string, name: string) => void) {
  const [reactions, setReactions] = useState<Reaction[]>([]);
  const count = useRef(0);
  const notify = useRef(onReaction);
  notify.current = onReaction;
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());

  const show = useCallback((emoji: string, name: string) => {
    count.current += 1;
    const id = count.current;
    // Neighbouring reactions rise side by side; the golden angle spreads them without chance.
    const reaction = { id, emoji, name, offset: (id * 137.5) % 100 };
    setReactions((all) => [...all.slice(1 - MOST_AT_ONCE), reaction]);
    const timer = setTimeout(() => {
      timers.current.delete(timer);
      setReactions((all) => all.filter((one) => one.id !== id));
    }, SHOWN_MS);
    timers.current.add(timer);
  }, []);

  useEffect(() => {
    const pending = timers.current;
    const onData = (
      payload: Uint8Array,
      sender?: RemoteParticipant,
      _kind?: unknown,
      topic?: string,
    ) => {
      if (topic !== REACTION_TOPIC || !sender) return;
      const emoji = reactionOf(payload);
      if (emoji === null) return;
      const name = sender.name || sender.identity;
      show(emoji, name);
      notify.current(emoji, name);
    };
    room.on(RoomEvent.DataReceived, onData);
    return () => {
      room.off(RoomEvent.DataReceived, onData);
      for (const timer of pending) clearTimeout(timer);
    };
  }, [room, show]);

  const react = useCallback(
    (emoji: string) => {
      const { localParticipant } = room;
      show(emoji, localParticipant.name || localParticipant.identity);
      const payload = new TextEncoder().encode(JSON.stringify({ emoji }));
      void localParticipant
        .publishData(payload, { reliable: false, topic: REACTION_TOPIC })
        .catch(() => undefined);
    },
    [room, show],
  );
  return { reactions, react };
}
