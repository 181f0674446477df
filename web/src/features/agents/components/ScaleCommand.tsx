/** Asks how many processes a command should have. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rulesOf } from '../../../api/limits';
import type { components } from '../../../api/schema';
import { DialogForm } from '../../../primitives/DialogForm';
import { TextField } from '../../../primitives/Field';
import { useAction } from '../../../primitives/useAction';
import { scaleCommand } from '../api/scaleCommand';

type Command = components['schemas']['KeptCommand'];

export function ScaleCommand({
  of: command,
  onScaled,
  onClose,
}: {
  of: Command;
  onScaled: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [count, setCount] = useState(String(command.count));
  const { run, pending, failure } = useAction(async () => {
    await scaleCommand(command.name, Number(count));
    onScaled();
    onClose();
  });
  return (
    <DialogForm
      action={t('agents.scaleNow')}
      pending={pending}
      failure={failure}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <TextField
        name="count"
        label={t('agents.processes')}
        hint={t('agents.processesHint')}
        type="number"
        rules={rulesOf('ScaleCommand', 'count')}
        value={count}
        onChange={setCount}
        isRequired
        autoFocus
      />
    </DialogForm>
  );
}
