/** What every test needs: clean-up after each view, and the browser parts that jsdom lacks. */
import { cleanup } from '@testing-library/react';
import { afterEach } from 'vitest';
import { startI18n } from './i18n';

await startI18n('en');
afterEach(cleanup);
