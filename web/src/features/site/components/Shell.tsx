/** The frame of every page outside a call: header, content, footer, and the skip link. */
import { useQuery } from '@tanstack/react-query';
import { Film, LogOut, Settings, ShieldCheck } from 'lucide-react';
import { Button as AriaButton } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Link, Outlet, useNavigate } from 'react-router';
import { Avatar } from '../../../primitives/Avatar';
import { LinkButton } from '../../../primitives/Button';
import { Menu } from '../../../primitives/Menu';
import { may, useMe, useSignOut } from '../../auth';
import { AppearanceMenu } from '../../preferences';
import { getSite } from '../api/getSite';
import { Brand } from './Brand';
import styles from './Shell.module.css';

export function Shell() {
  const { t } = useTranslation();
  const me = useMe();
  const site = useQuery(getSite).data;
  return (
    <>
      <a href="#main" className={styles.skip}>
        {t('shell.skip')}
      </a>
      <header className={styles.header}>
        <Brand />
        <div className={styles.tools}>
          <AppearanceMenu />
          {me && <AccountMenu name={me.name} email={me.email} admin={may(me.role, 'see_rooms')} />}
          {me === null && (
            <LinkButton to="/sign-in" look="outline" small>
              {t('auth.signIn')}
            </LinkButton>
          )}
        </div>
      </header>
      <main id="main" className={styles.main} tabIndex={-1}>
        <Outlet />
      </main>
      <footer className={styles.footer}>
        <Link to="/connect">{t('connect.title')}</Link>
        <a href="/api/reference">{t('shell.api')}</a>
        {site && <span>{t('shell.version', { version: site.version })}</span>}
      </footer>
    </>
  );
}

function AccountMenu({ name, email, admin }: { name: string; email: string; admin: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const signOut = useSignOut();
  return (
    <Menu
      label={t('account.menu')}
      trigger={
        <AriaButton className={styles.account} aria-label={t('account.menuOf', { name })}>
          <Avatar name={name || email} size={36} />
        </AriaButton>
      }
      actions={[
        {
          id: 'account',
          label: t('account.title'),
          icon: <Settings size={18} aria-hidden="true" />,
          run: () => navigate('/account'),
        },
        {
          id: 'recordings',
          label: t('recording.title'),
          icon: <Film size={18} aria-hidden="true" />,
          run: () => void navigate('/recordings'),
        },
        ...(admin
          ? [
              {
                id: 'admin',
                label: t('admin.title'),
                icon: <ShieldCheck size={18} aria-hidden="true" />,
                run: () => void navigate('/admin'),
              },
            ]
          : []),
        {
          id: 'sign-out',
          label: t('auth.signOut'),
          icon: <LogOut size={18} aria-hidden="true" />,
          run: () => void signOut(),
        },
      ]}
    />
  );
}
