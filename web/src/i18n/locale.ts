/** Which way of writing dates and numbers goes with a language: a language alone means its largest country. */
export function localeFor(language: string, wanted = navigator.languages): string {
  const known = wanted.flatMap((tag) => {
    try {
      return [new Intl.Locale(tag)];
    } catch {
      return [];
    }
  });
  const spoken = known.find((locale) => locale.language === language && locale.region);
  if (spoken) return spoken.baseName;
  const region = known.find((locale) => locale.region)?.region;
  return region ? `${language}-${region}` : language;
}
