/** What the states of a recording mean for the page. Pure. */
import type { RecordingState } from '../../api/types';

export const STATES: RecordingState[] = [
  'starting',
  'recording',
  'stopping',
  'processing',
  'completed',
  'failed',
  'aborted',
];

/** The recorder still has it: it can be stopped, and not deleted. */
export const isGoingOn = (state: RecordingState) =>
  state === 'starting' || state === 'recording' || state === 'stopping';
