/** Why a camera or microphone can't be used, as a closed list. */
export type DeviceFailure = 'insecure' | 'refused' | 'missing' | 'busy' | 'failed';

export function deviceFailure(error: unknown, secure = window.isSecureContext): DeviceFailure {
  if (!secure) return 'insecure';
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
    case 'SecurityError':
      return 'refused';
    case 'NotFoundError':
    case 'DevicesNotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}
