/** What the buttons and the keys of a call do, and what of the call's screen they open, close and turn round. */
import type { Room as LiveKitRoom } from 'livekit-client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Room } from '../../../api/types';
import { attempt } from '../../../primitives/attempt';
import { toast } from '../../../primitives/Toasts';
import { deviceFailure, storeChoices } from '../../devices';
import { raiseHand } from '../../participants';
import { endCall } from '../api/endCall';
import type { CallSession } from '../CallSession';
import { type Layout, nextLayout } from '../layout';

export type Panel = 'chat' | 'participants';
type CallDialog = 'shortcuts' | 'connection' | 'record' | 'stopRecording';

export type CallActions = {
  toggleMicrophone: () => void;
  toggleCamera: () => void;
  toggleShare: () => void;
  toggleHand: () => void;
  toggleChat: () => void;
  toggleParticipants: () => void;
  toggleLayout: () => void;
  showShortcuts: () => void;
  showConnection: () => void;
  record: () => void;
  stopRecording: () => void;
  openSettings: () => void;
  react: (emoji: string) => void;
  leave: () => void;
  endForAll: () => Promise<void>;
};

export function useCallActions({
  session,
  room,
  info,
  react,
}: {
  session: CallSession;
  room: LiveKitRoom;
  info: Pick<Room, 'id' | 'slug'>;
  react: (emoji: string) => void;
}) {
  const { t } = useTranslation();
  const [layout, setLayout] = useState<Layout>('auto');
  const [pinned, setPinned] = useState<string | null>(null);
  const [panel, setPanel] = useState<Panel | null>(null);
  const [dialog, setDialog] = useState<CallDialog | null>(null);
  const local = room.localParticipant;

  const device = (kind: 'microphone' | 'camera', action: Promise<void>) =>
    void action.catch((error: unknown) =>
      toast(t(`devices.help.${kind}.${deviceFailure(error)}`), 'danger'),
    );
  const togglePanel = (wanted: Panel) =>
    setPanel((current) => (current === wanted ? null : wanted));

  const actions: CallActions = {
    toggleMicrophone: () => {
      const on = !local.isMicrophoneEnabled;
      storeChoices({ microphone: on });
      device('microphone', session.setMicrophone(on));
    },
    toggleCamera: () => {
      const on = !local.isCameraEnabled;
      storeChoices({ camera: on });
      device('camera', session.setCamera(on));
    },
    toggleShare: () =>
      void session.setScreenShare(!local.isScreenShareEnabled).catch((error: unknown) => {
        // Closing the browser's picker is an answer, not a failure.
        if (deviceFailure(error) !== 'refused') toast(t('call.shareFailed'), 'danger');
      }),
    toggleHand: () => void attempt(raiseHand(info.id, !local.attributes.hand_raised_at)),
    toggleChat: () => togglePanel('chat'),
    toggleParticipants: () => togglePanel('participants'),
    toggleLayout: () => {
      setPinned(null);
      setLayout((current) => nextLayout(current, room.remoteParticipants.size === 1));
    },
    showShortcuts: () => setDialog('shortcuts'),
    showConnection: () => setDialog('connection'),
    record: () => setDialog('record'),
    stopRecording: () => setDialog('stopRecording'),
    openSettings: () => window.open(`/${info.slug}/settings`, '_blank', 'noopener'),
    react,
    leave: () => void session.leave(),
    endForAll: () => endCall(info.id),
  };
  return {
    actions,
    layout,
    pinned,
    pin: setPinned,
    panel,
    closePanel: () => setPanel(null),
    dialog,
    closeDialog: () => setDialog(null),
  };
}
