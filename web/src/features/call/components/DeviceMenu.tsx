/** Changes microphone, speaker or camera during the call, and remembers the choice. */
import { useRoomContext } from '@livekit/components-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ChoiceMenu } from '../../../primitives/Menu';
import { toast } from '../../../primitives/Toasts';
import { storeChoices, useDevices } from '../../devices';
import { DeviceMenuButton } from './DeviceMenuButton';

const LABELS = {
  audioinput: 'devices.microphone',
  audiooutput: 'devices.speaker',
  videoinput: 'devices.camera',
} as const;

export function DeviceMenu({ kinds, label }: { kinds: MediaDeviceKind[]; label: string }) {
  const { t } = useTranslation();
  const room = useRoomContext();
  const [changed, setChanged] = useState(0);
  const devices = useDevices(changed);
  const choose = async (kind: MediaDeviceKind, id: string) => {
    try {
      await room.switchActiveDevice(kind, id);
      storeChoices({ [kind]: id });
    } catch {
      toast(t('devices.switchFailed'), 'danger');
    }
    setChanged((count) => count + 1);
  };
  const groups = kinds
    .filter((kind) => devices[kind].length > 0)
    .map((kind) => ({
      id: kind,
      label: t(LABELS[kind]),
      selected: room.getActiveDevice(kind) ?? devices[kind][0]?.id ?? null,
      choices: devices[kind],
      choose: (id: string) => void choose(kind, id),
    }));
  if (groups.length === 0) {
    groups.push({
      id: kinds[0] ?? 'audioinput',
      label: t('devices.none'),
      selected: null,
      choices: [],
      choose: () => undefined,
    });
  }
  return (
    <ChoiceMenu
      label={label}
      groups={groups}
      placement="top start"
      trigger={<DeviceMenuButton label={label} />}
    />
  );
}
