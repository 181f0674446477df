/** Which colour a state has. */
import type { Tone } from '../../../primitives/Notice';
import type { DoctorState } from '../api/listDoctorChecks';

export const TONES: Record<DoctorState, Tone> = {
  ok: 'good',
  skipped: 'info',
  warn: 'warn',
  fail: 'danger',
};
