/** Languages: English is always there, others are loaded when chosen. */
import i18n from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { components } from '../api/schema';
import { remembered } from '../primitives/remembered';
import en from './en.json';

export type Language = components['schemas']['Language'];
export const LANGUAGES: Record<Language, string> = { en: 'English', fr: 'Français' };
const known = (text: string) => (text in LANGUAGES ? (text as Language) : undefined);
const onDevice = remembered('convoke.language', known);
// Remembered, too: a page that loads does not speak another language for a moment.
const ofAccount = remembered('convoke.account.language', known);
const loaders: Record<Exclude<Language, 'en'>, () => Promise<{ default: object }>> = {
  fr: () => import('./fr.json'),
};

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}

/** As the account says, else as was chosen on this device, else as the browser asks for. */
export function preferredLanguage(): Language {
  const asked = navigator.languages.map((tag) => known(tag.slice(0, 2)));
  return ofAccount.now() ?? onDevice.now() ?? asked.find((language) => language) ?? 'en';
}

export async function startI18n(language: Language): Promise<void> {
  await i18n.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
  });
  await showLanguage(language);
}

/** On this device, where no account says something else. */
export async function chooseLanguage(language: Language): Promise<void> {
  onDevice.choose(language);
  await showLanguage(preferredLanguage());
}

/** What the account says; `undefined`: nothing, or there is none. */
export async function preferLanguage(language: Language | undefined): Promise<void> {
  ofAccount.choose(language);
  await showLanguage(preferredLanguage());
}

async function showLanguage(language: Language): Promise<void> {
  if (language !== 'en' && !i18n.hasResourceBundle(language, 'translation')) {
    try {
      const { default: texts } = await loaders[language]();
      i18n.addResourceBundle(language, 'translation', texts);
    } catch {
      // The server is away, which the page says elsewhere: it goes on in the language that it has.
      return;
    }
  }
  // Whoever chose another one while this was loaded means that.
  if (preferredLanguage() !== language) return;
  await i18n.changeLanguage(language);
  document.documentElement.lang = language;
}

export default i18n;
