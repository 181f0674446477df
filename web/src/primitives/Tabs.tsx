/** Sections of one page as tabs; the chosen one is in the address. */
import type { ReactNode } from 'react';
import { Tabs as AriaTabs, Tab, TabList, TabPanel } from 'react-aria-components';
import styles from './Tabs.module.css';

export type Section = { id: string; label: string; content: ReactNode };

export function Tabs({
  label,
  sections,
  selected,
  onSelect,
}: {
  label: string;
  sections: Section[];
  selected: string;
  onSelect: (id: string) => void;
}) {
  return (
    <AriaTabs
      className={styles.tabs}
      selectedKey={selected}
      onSelectionChange={(key) => onSelect(String(key))}
    >
      <TabList aria-label={label} className={styles.list}>
        {sections.map((section) => (
          <Tab key={section.id} id={section.id} className={styles.tab}>
            {section.label}
          </Tab>
        ))}
      </TabList>
      {sections.map((section) => (
        <TabPanel key={section.id} id={section.id} className={styles.panel}>
          {section.content}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}
