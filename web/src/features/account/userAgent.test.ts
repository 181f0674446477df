import { expect, test } from 'vitest';
import { deviceName } from './userAgent';

test('a device is named by browser and system', () => {
  const names = [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1',
    'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'curl/8.5.0',
    '',
    'something else',
  ].map(deviceName);
  expect(names).toEqual(['Edge · Windows', 'Safari · iOS', 'Firefox · Linux', 'curl', null, null]);
});
