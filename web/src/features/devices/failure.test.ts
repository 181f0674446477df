import { expect, test } from 'vitest';
import { deviceFailure } from './failure';

test('each browser error has one plain reason', () => {
  const reasons = Object.fromEntries(
    ['NotAllowedError', 'NotFoundError', 'NotReadableError', 'TypeError'].map((name) => [
      name,
      deviceFailure(new DOMException('', name), true),
    ]),
  );
  expect(reasons).toEqual({
    NotAllowedError: 'refused',
    NotFoundError: 'missing',
    NotReadableError: 'busy',
    TypeError: 'failed',
  });
});

test('plain http on the network is named as the cause, whatever the error', () => {
  expect(deviceFailure(new TypeError('getUserMedia of undefined'), false)).toBe('insecure');
});
