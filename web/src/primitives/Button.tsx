/** Buttons and links that look like buttons, with a tooltip for those that are only an icon. */
import type { ReactNode, Ref } from 'react';
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Tooltip,
  TooltipTrigger,
} from 'react-aria-components';
import { Link } from 'react-router';
import styles from './Button.module.css';

type Look = {
  look?: 'plain' | 'primary' | 'outline' | 'danger' | 'stop' | 'dangerSoft' | 'quiet';
  small?: boolean;
  wide?: boolean;
};
export type ButtonProps = Omit<AriaButtonProps, 'className' | 'children'> &
  Look & { children: ReactNode; className?: string };

function classes({ look = 'plain', small, wide }: Look, extra = ''): string {
  return [
    styles.button,
    look !== 'plain' && styles[look],
    small && styles.small,
    wide && styles.wide,
    extra,
  ]
    .filter(Boolean)
    .join(' ');
}

export function Button({ look, small, wide, className, children, ...props }: ButtonProps) {
  return (
    <AriaButton {...props} className={classes({ look, small, wide }, className)}>
      {props.isPending && <span className={styles.spinner} aria-hidden="true" />}
      {children}
    </AriaButton>
  );
}

export function LinkButton({
  to,
  look,
  small,
  wide,
  children,
}: Look & { to: string; children: ReactNode }) {
  return (
    <Link to={to} className={classes({ look, small, wide })}>
      {children}
    </Link>
  );
}

export function IconButton({
  label,
  look,
  small,
  round,
  tooltip = label,
  className = '',
  children,
  ...props
}: Omit<ButtonProps, 'wide'> & {
  label: string;
  tooltip?: string;
  round?: boolean;
  ref?: Ref<HTMLButtonElement>;
}) {
  return (
    <TooltipTrigger delay={400} closeDelay={0}>
      <AriaButton
        {...props}
        aria-label={label}
        className={classes(
          { look, small },
          `${styles.icon} ${round ? styles.round : ''} ${className}`,
        )}
      >
        {children}
      </AriaButton>
      <Tooltip className={styles.tooltip} offset={8}>
        {tooltip}
      </Tooltip>
    </TooltipTrigger>
  );
}
