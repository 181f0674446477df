/** What every test needs: clean-up after each view, and the browser parts that jsdom lacks. */
import { cleanup } from '@testing-library/react';
import { afterEach } from 'vitest';
import { startI18n } from './i18n';

globalThis.CSS ??= {
  escape: (text: string) => text.replace(/[^\w-]/g, '\\$&'),
  supports: () => false,
} as unknown as typeof CSS;

await startI18n('en');
afterEach(cleanup);
