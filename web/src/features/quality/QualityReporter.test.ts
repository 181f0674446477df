import type { Room } from 'livekit-client';
import { afterEach, expect, test, vi } from 'vitest';
import type { QualityReport } from '../../api/types';
import { QualityReporter } from './QualityReporter';

afterEach(() => vi.useRealTimers());

function call(send: (report: QualityReport, last: boolean) => Promise<unknown>) {
  vi.useFakeTimers({ now: 1_000_000 });
  const heard = new Map<string, (...told: unknown[]) => void>();
  const room = {
    state: 'connected',
    localParticipant: { sid: 'PA_1' },
    on(event: string, listener: (...told: unknown[]) => void) {
      heard.set(event, listener);
      return room;
    },
    off(event: string) {
      heard.delete(event);
      return room;
    },
  };
  let sent = 0;
  const reporter = new QualityReporter({
    room: room as unknown as Room,
    send,
    stats: async () => {
      sent += 100;
      return [
        { id: 'O', type: 'outbound-rtp', packetsSent: sent, bytesSent: sent * 100 },
        { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
        { id: 'P', type: 'candidate-pair', localCandidateId: 'L' },
        { id: 'L', type: 'local-candidate', protocol: 'udp' },
      ];
    },
    now: Date.now,
  });
  reporter.start();
  return { room, reporter, heard };
}

test('thirty seconds are told together, with what changed', async () => {
  const send = vi.fn((_: QualityReport, _last: boolean) => Promise.resolve());
  const { heard, reporter } = call(send);
  await vi.advanceTimersByTimeAsync(35_000);
  heard.get('activeDeviceChanged')?.('audioinput');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(send).toHaveBeenCalledTimes(1);
  const [report, last] = send.mock.calls[0] ?? [];
  expect(last).toBe(false);
  expect(report).toMatchObject({ sid: 'PA_1', sent_at: 1_040_000 });
  expect(report?.samples.map(({ at }) => at)).toEqual([1_010_000, 1_020_000, 1_030_000]);
  expect(report?.events).toEqual([
    { at: 1_010_000, kind: 'udp' },
    { at: 1_035_000, kind: 'microphone' },
  ]);
  reporter.stop();
});

test('the last words are told when the page goes, and nothing is told twice', async () => {
  const send = vi.fn((_: QualityReport, _last: boolean) => Promise.resolve());
  const { reporter } = call(send);
  await vi.advanceTimersByTimeAsync(20_000);
  reporter.stop();
  expect(send).toHaveBeenCalledTimes(1);
  expect(send.mock.calls[0]?.[1]).toBe(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(send).toHaveBeenCalledTimes(1);
});

test('what could not be told is told with the next report, of the same stay only', async () => {
  const reports: QualityReport[] = [];
  const send = vi.fn((report: QualityReport) => {
    reports.push(report);
    return reports.length === 1 ? Promise.reject(new Error('offline')) : Promise.resolve();
  });
  const { room, reporter } = call(send);
  await vi.advanceTimersByTimeAsync(50_000);
  expect(reports.map(({ samples }) => samples.length)).toEqual([3, 4]);
  room.localParticipant.sid = 'PA_2';
  await vi.advanceTimersByTimeAsync(40_000);
  expect(reports.at(-1)?.sid).toBe('PA_2');
  expect(reports.at(-1)?.samples).toHaveLength(3);
  reporter.stop();
});
