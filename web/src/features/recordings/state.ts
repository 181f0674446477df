/** What the states of a recording mean for the page. Pure. */
import type { Recording, RecordingState } from '../../api/types';

export const STATES: RecordingState[] = [
  'starting',
  'recording',
  'stopping',
  'composing',
  'processing',
  'completed',
  'failed',
  'aborted',
];

/** The recorder still has it: it can be stopped, and not deleted. */
export const isGoingOn = (state: RecordingState) =>
  state === 'starting' || state === 'recording' || state === 'stopping';

/** Whether there is anything that can be done with it together with others. */
export const isSelectable = (recording: Recording) =>
  isDeletable(recording) || isDownloadable(recording);

export const isDeletable = ({ rights, state }: Recording) => rights.delete && !isGoingOn(state);

export const isDownloadable = ({ rights, state }: Recording) =>
  rights.download && state === 'completed';
