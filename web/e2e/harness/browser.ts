// Debian's Chromium with fake camera and microphone, quiet towards the network.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';

export function launchBrowser(extraArguments: string[] = [], executable?: string): Promise<Browser> {
  return chromium.launch({
    executablePath: executable ?? process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--auto-select-desktop-capture-source=Entire screen',
      '--autoplay-policy=no-user-gesture-required',
      '--allow-loopback-in-peer-connection',
      ...extraArguments,
    ],
  });
}

/** Adds the page's console and errors to `log`, so that a failing test can say what the page saw. */
export function watch(page: Page, log: string[]): void {
  page.on('console', (message) => log.push(`[${message.type()}] ${message.text()}`));
  page.on('pageerror', (error) => log.push(`[pageerror] ${error.message}`));
}

/** Where to write a file for people to look at; a fresh checkout has no such folder. */
export function artefact(name: string): string {
  const folder = process.env.ARTEFACTS_DIR ?? path.resolve(import.meta.dirname, '../../../artifacts');
  mkdirSync(folder, { recursive: true });
  return path.join(folder, name);
}

export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: artefact(`${name}.png`) });
}

export type { Browser, Locator, Page };
