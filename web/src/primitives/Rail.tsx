/** The pages of one area as a column of links; on a narrow screen, behind a button that names the open one. */
import { ChevronDown } from 'lucide-react';
import { type ComponentType, useId, useState } from 'react';
import { NavLink, useLocation } from 'react-router';
import styles from './Rail.module.css';

type RailLink = {
  to: string;
  label: string;
  icon: ComponentType<{ size: number; 'aria-hidden': 'true' }>;
  /** The server answers it itself. */
  isDocument?: boolean;
};
export type RailGroup = { title?: string; links: RailLink[] };

const isOpen = (to: string, pathname: string) => pathname === to || pathname.startsWith(`${to}/`);

export function Rail({ label, groups }: { label: string; groups: RailGroup[] }) {
  const list = useId();
  const { pathname } = useLocation();
  const [opened, setOpened] = useState<string>();
  const expanded = opened === pathname;
  const current = groups.flatMap(({ links }) => links).find(({ to }) => isOpen(to, pathname));
  return (
    <nav className={styles.rail} aria-label={label}>
      <button
        type="button"
        className={styles.toggle}
        aria-expanded={expanded}
        aria-controls={list}
        onClick={() => setOpened(expanded ? undefined : pathname)}
      >
        {current?.label ?? label}
        <ChevronDown size={18} aria-hidden="true" />
      </button>
      <div id={list} className={styles.groups} data-expanded={expanded || undefined}>
        {groups.map((group) => (
          <Group key={group.links[0]?.to} group={group} />
        ))}
      </div>
    </nav>
  );
}

function Group({ group: { title, links } }: { group: RailGroup }) {
  const heading = useId();
  return (
    <div>
      {title && (
        <p id={heading} className={styles.title}>
          {title}
        </p>
      )}
      <ul className={styles.links} aria-labelledby={title && heading}>
        {links.map(({ to, label, icon: Icon, isDocument }) => (
          <li key={to}>
            <NavLink to={to} reloadDocument={isDocument} className={styles.link}>
              <Icon size={18} aria-hidden="true" />
              {label}
            </NavLink>
          </li>
        ))}
      </ul>
    </div>
  );
}
