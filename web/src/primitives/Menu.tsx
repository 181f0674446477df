/** A menu on a button; items are data so that a feature decides what, not how. */
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Menu as AriaMenu,
  Header,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
  type PopoverProps,
} from 'react-aria-components';
import styles from './Field.module.css';

export type MenuAction = {
  id: string;
  label: string;
  icon?: ReactNode;
  danger?: boolean;
  disabled?: boolean;
  run: () => void;
};

export function Menu({
  label,
  trigger,
  actions,
  placement = 'bottom end',
}: {
  label: string;
  trigger: ReactNode;
  actions: MenuAction[];
  placement?: PopoverProps['placement'];
}) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className={styles.popover} placement={placement}>
        <AriaMenu
          aria-label={label}
          className={styles.list}
          onAction={(id) => actions.find((action) => action.id === id)?.run()}
        >
          {actions.map((action) => (
            <MenuItem
              key={action.id}
              id={action.id}
              textValue={action.label}
              isDisabled={action.disabled}
              className={styles.option}
              data-danger={action.danger}
            >
              {action.icon}
              <span className={styles.optionText}>{action.label}</span>
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

export type ChoiceGroup = {
  id: string;
  label: string;
  selected: string | null;
  choices: { id: string; label: string }[];
  choose: (id: string) => void;
};

/** Several single-choice groups in one menu, as for devices. */
export function ChoiceMenu({
  label,
  trigger,
  groups,
  placement = 'top',
}: {
  label: string;
  trigger: ReactNode;
  groups: ChoiceGroup[];
  placement?: PopoverProps['placement'];
}) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className={styles.popover} placement={placement}>
        <AriaMenu aria-label={label} className={styles.list}>
          {groups.map((group) => (
            <MenuSection
              key={group.id}
              aria-label={group.label}
              selectionMode="single"
              disallowEmptySelection
              selectedKeys={group.selected === null ? [] : [`${group.id}:${group.selected}`]}
              onSelectionChange={(keys) => {
                const key = keys === 'all' ? undefined : [...keys][0];
                if (key !== undefined) group.choose(String(key).slice(group.id.length + 1));
              }}
            >
              <Header className={styles.group}>{group.label}</Header>
              {group.choices.map((choice) => (
                <MenuItem
                  key={choice.id}
                  id={`${group.id}:${choice.id}`}
                  textValue={choice.label}
                  className={styles.option}
                >
                  <span className={styles.optionText}>{choice.label}</span>
                  <Check size={18} className={styles.check} aria-hidden="true" />
                </MenuItem>
              ))}
            </MenuSection>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
