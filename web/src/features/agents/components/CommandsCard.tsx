/** Programs that the server keeps alive: how each is doing, more or fewer of it, what it said. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { components } from '../../../api/schema';
import { attempt } from '../../../primitives/attempt';
import { Confirm, Dialog } from '../../../primitives/Dialog';
import { Card, Failed, pageStyles } from '../../../primitives/Page';
import { useMay } from '../../auth';
import { listCommands } from '../api/listCommands';
import { startCommand } from '../api/startCommand';
import { stopCommand } from '../api/stopCommand';
import { CommandItem } from './CommandItem';
import { CommandLog } from './CommandLog';
import { ScaleCommand } from './ScaleCommand';

type Command = components['schemas']['KeptCommand'];

/** What somebody does with which of them. */
type Doing = { what: 'stop' | 'scale' | 'log'; command: Command };

export function CommandsCard() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  const commands = useQuery(listCommands);
  const [doing, setDoing] = useState<Doing | null>(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: listCommands.queryKey });
  const close = () => setDoing(null);
  if (commands.isError && !commands.data) {
    return (
      <Card title={t('agents.commands')}>
        <Failed error={commands.error} retry={() => void commands.refetch()} />
      </Card>
    );
  }
  // Most sites have none; the manual tells of them.
  if (!commands.data?.length) return null;
  const name = doing?.command.name ?? '';
  return (
    <Card title={t('agents.commands')} lead={t('agents.commandsLead')}>
      {commands.isError && <Failed error={commands.error} retry={() => void commands.refetch()} />}
      <ul className={pageStyles.list}>
        {commands.data.map((command) => (
          <CommandItem
            key={command.name}
            of={command}
            onLog={() => setDoing({ what: 'log', command })}
            changes={
              administers
                ? {
                    onStart: () => void attempt(startCommand(command.name)).then(refresh),
                    onStop: () => setDoing({ what: 'stop', command }),
                    onScale: () => setDoing({ what: 'scale', command }),
                  }
                : undefined
            }
          />
        ))}
      </ul>
      {doing?.what === 'stop' && (
        <Confirm
          isOpen
          title={t('agents.stopTitle', { name })}
          text={t('agents.stopText')}
          action={t('agents.stop')}
          onClose={close}
          onConfirm={async () => {
            await stopCommand(name);
            await refresh();
          }}
        />
      )}
      <Dialog
        title={t('agents.scaleOf', { name })}
        isOpen={doing?.what === 'scale'}
        onClose={close}
      >
        {doing && (
          <ScaleCommand of={doing.command} onScaled={() => void refresh()} onClose={close} />
        )}
      </Dialog>
      <Dialog title={t('agents.logOf', { name })} isOpen={doing?.what === 'log'} onClose={close}>
        {doing && <CommandLog name={name} onClose={close} />}
      </Dialog>
    </Card>
  );
}
