import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { ChoiceMenu } from '../../../primitives/Menu';
import { DeviceMenuButton } from './DeviceMenuButton';

test('it says which devices it lists, opens them, and one can be chosen', async () => {
  const choose = vi.fn();
  const group = {
    id: 'videoinput',
    label: 'Camera',
    selected: 'a',
    choices: [
      { id: 'a', label: 'Built in' },
      { id: 'b', label: 'On the desk' },
    ],
    choose,
  };
  render(
    <ChoiceMenu
      label="Camera"
      groups={[group]}
      trigger={<DeviceMenuButton label="Choose a camera" />}
    />,
  );
  await userEvent.click(screen.getByRole('button', { name: 'Choose a camera' }));
  await userEvent.click(await screen.findByRole('menuitemradio', { name: 'On the desk' }));
  expect(choose).toHaveBeenCalledWith('b');
});
