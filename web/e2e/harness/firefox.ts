// Debian's Firefox with fake camera and microphone, driven over WebDriver BiDi: it needs no driver beside it.
import { existsSync } from 'node:fs';
import puppeteer, { type Browser } from 'puppeteer-core';

export type { Browser as FirefoxBrowser } from 'puppeteer-core';

const binary = process.env.FIREFOX_BIN ?? '/usr/bin/firefox-esr';

export function launchFirefox(): Promise<Browser> {
  if (!existsSync(binary)) throw new Error(`${binary} is missing: run \`make setup\` first`);
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: binary,
    headless: true,
    protocolTimeout: 60_000,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
      // Nobody on the network is to be asked anything.
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
      'media.gmp-manager.updateEnabled': false,
      'media.gmp-provider.enabled': false,
    },
  });
}
