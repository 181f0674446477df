/** Theme and language in one small menu. */
import { SunMoon } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, LANGUAGES, type Language } from '../../../i18n';
import { IconButton } from '../../../primitives/Button';
import { ChoiceMenu } from '../../../primitives/Menu';
import { chooseTheme, storedTheme, type Theme } from '../theme';

export function AppearanceMenu() {
  const { t, i18n } = useTranslation();
  const [theme, setTheme] = useState(storedTheme);
  return (
    <ChoiceMenu
      label={t('appearance.title')}
      placement="bottom end"
      trigger={
        <IconButton look="quiet" round label={t('appearance.title')}>
          <SunMoon size={20} aria-hidden="true" />
        </IconButton>
      }
      groups={[
        {
          id: 'theme',
          label: t('appearance.theme'),
          selected: theme,
          choices: (['system', 'light', 'dark'] as const).map((id) => ({
            id,
            label: t(`appearance.${id}`),
          })),
          choose: (id) => {
            setTheme(id as Theme);
            chooseTheme(id as Theme);
          },
        },
        {
          id: 'language',
          label: t('appearance.language'),
          selected: i18n.language,
          choices: Object.entries(LANGUAGES).map(([id, label]) => ({ id, label })),
          choose: (id) => void chooseLanguage(id as Language),
        },
      ]}
    />
  );
}
