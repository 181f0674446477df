/** Theme and language in one small menu: those of the account, or of this device where nobody is signed in. */
import { SunMoon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, LANGUAGES, type Language } from '../../../i18n';
import { IconButton } from '../../../primitives/Button';
import { ChoiceMenu } from '../../../primitives/Menu';
import { useKeepPreferences } from '../hooks/useKeepPreferences';
import { chooseTheme, THEMES, type Theme, useTheme } from '../theme';

export function AppearanceMenu() {
  const { t, i18n } = useTranslation();
  const theme = useTheme();
  const keep = useKeepPreferences();
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
          choices: THEMES.map((id) => ({ id, label: t(`appearance.${id}`) })),
          choose: (id) => (keep ? keep({ theme: id as Theme }) : chooseTheme(id as Theme)),
        },
        {
          id: 'language',
          label: t('appearance.language'),
          selected: i18n.language,
          choices: Object.entries(LANGUAGES).map(([id, label]) => ({ id, label })),
          choose: (id) =>
            keep ? keep({ language: id as Language }) : void chooseLanguage(id as Language),
        },
      ]}
    />
  );
}
