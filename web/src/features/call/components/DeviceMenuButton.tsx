/** The narrow half of a microphone or camera button, which opens the list of devices. */
import { ChevronUp } from 'lucide-react';
import { Button } from 'react-aria-components';
import styles from './Call.module.css';

export function DeviceMenuButton({ label }: { label: string }) {
  return (
    <Button className={styles.splitMenu} aria-label={label}>
      <ChevronUp size={16} aria-hidden="true" />
    </Button>
  );
}
