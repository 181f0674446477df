/** How often a film that is being stored is looked at again: each slice of it is no event. */
import type { Recording } from '../../../api/types';

const EVERY_MS = 3_000;

export const progressEvery = (recordings: Recording[] = []) =>
  recordings.some(({ state }) => state === 'processing') ? EVERY_MS : false;
