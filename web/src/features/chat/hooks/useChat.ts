/** The call's chat over LiveKit's text streams; messages live as long as the call. */
import { type Room, RoomEvent, type TextStreamHandler } from 'livekit-client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { shortened } from '../length';

const CHAT_TOPIC = 'lk.chat';
export type ChatMessage = {
  id: string;
  identity: string;
  name: string;
  text: string;
  at: number;
  own: boolean;
};

export function useChat(room: Room, onMessage: (message: ChatMessage) => void) {
  const [messages, setMessages] = useState<ChatMessage[]>([]);
  const notify = useRef(onMessage);
  notify.current = onMessage;

  useEffect(() => {
    const onText: TextStreamHandler = async (reader, { identity }) => {
      const text = await reader.readAll().catch(() => '');
      if (text === '') return;
      const sender = room.remoteParticipants.get(identity);
      const message: ChatMessage = {
        id: reader.info.id,
        identity,
        name: sender?.name || identity,
        text: shortened(text),
        at: reader.info.timestamp,
        own: false,
      };
      setMessages((all) => (all.some(({ id }) => id === message.id) ? all : [...all, message]));
      notify.current(message);
    };
    room.registerTextStreamHandler(CHAT_TOPIC, onText);
    return () => room.unregisterTextStreamHandler(CHAT_TOPIC);
  }, [room]);

  const send = useCallback(
    async (text: string) => {
      const { localParticipant } = room;
      const { id, timestamp } = await localParticipant.sendText(text, { topic: CHAT_TOPIC });
      setMessages((all) => [
        ...all,
        {
          id,
          identity: localParticipant.identity,
          name: localParticipant.name || localParticipant.identity,
          text,
          at: timestamp,
          own: true,
        },
      ]);
    },
    [room],
  );
  return { messages, send };
}

export const CHAT_EVENTS = [
  RoomEvent.ParticipantPermissionsChanged,
  RoomEvent.ConnectionStateChanged,
] as const;
