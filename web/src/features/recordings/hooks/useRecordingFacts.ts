/** What a list says of a recording in one line: whose, when, how long, how large, until when. */
import { useTranslation } from 'react-i18next';
import type { Recording } from '../../../api/types';
import { useFormat } from '../../../primitives/useFormat';

export function useRecordingFacts() {
  const { t } = useTranslation();
  const format = useFormat();
  return ({ started_at, requested_at, started_by, ...recording }: Recording): string[] =>
    [
      format.dateTime(started_at ?? requested_at),
      started_by ? t('recording.startedBy', { name: started_by.name }) : t('recording.byProgram'),
      recording.duration_ms !== null && format.clock(recording.duration_ms),
      recording.size !== null && format.bytes(recording.size),
      recording.audio_only && t('recording.audioOnly'),
      recording.keep_until !== null &&
        t('recording.keptUntil', { when: format.date(recording.keep_until) }),
    ].filter((fact) => typeof fact === 'string');
}
