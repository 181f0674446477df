/** Agents: who is registered, what they do, what went wrong; or how to begin, or why there is nothing to see. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Send } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { components } from '../../../api/schema';
import { Button } from '../../../primitives/Button';
import { Confirm, Dialog } from '../../../primitives/Dialog';
import { Notice } from '../../../primitives/Notice';
import { Card, Empty, Failed, Loading, pageStyles } from '../../../primitives/Page';
import { useFormat } from '../../../primitives/useFormat';
import { useMay } from '../../auth';
import { drainWorker } from '../api/drainWorker';
import { endJob } from '../api/endJob';
import { readAgents } from '../api/readAgents';
import { Beginning } from './Beginning';
import { CommandsCard } from './CommandsCard';
import { DispatchesCard } from './DispatchesCard';
import { JobItem } from './JobItem';
import { RoomAgentsCard } from './RoomAgentsCard';
import { SendAgent } from './SendAgent';
import { WorkerItem } from './WorkerItem';

type Agents = components['schemas']['AgentsOverview'];

export function AgentsCard() {
  const agents = useQuery(readAgents);
  const troubles = agents.data?.troubles ?? [];
  // What this server starts and what its rooms ask for stays while the media server does not answer.
  return (
    <>
      {agents.isPending && <Loading />}
      {agents.isError && <Failed error={agents.error} retry={() => void agents.refetch()} />}
      {agents.data && <Seen agents={agents.data} />}
      <CommandsCard />
      <RoomAgentsCard />
      <DispatchesCard />
      {troubles.length > 0 && <Troubles troubles={troubles} />}
    </>
  );
}

/** What is asked before it is done. */
type Asked = { what: 'drain' | 'end'; id: string; name: string };

function Seen({ agents }: { agents: Agents }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const administers = useMay('administer');
  const [sending, setSending] = useState(false);
  const [asked, setAsked] = useState<Asked | null>(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: readAgents.queryKey });
  const nameOf = (name: string) => name || t('agents.unnamed');
  return (
    <>
      <Card
        title={t('agents.workers')}
        lead={t('agents.workersLead')}
        actions={
          administers && (
            <Button look="primary" small onPress={() => setSending(true)}>
              <Send size={18} aria-hidden="true" />
              {t('agents.send')}
            </Button>
          )
        }
      >
        {agents.supported ? (
          <>
            {agents.workers.length === 0 && <Beginning url={agents.server_url} />}
            <ul className={pageStyles.list}>
              {agents.workers.map((worker) => (
                <WorkerItem
                  key={worker.id}
                  of={worker}
                  onDrain={
                    administers
                      ? () =>
                          setAsked({
                            what: 'drain',
                            id: worker.id,
                            name: nameOf(worker.agent_name),
                          })
                      : undefined
                  }
                />
              ))}
            </ul>
          </>
        ) : (
          <Notice>{t('agents.notSupported')}</Notice>
        )}
      </Card>
      {agents.supported && (
        <Card title={t('agents.jobs')}>
          {agents.jobs.length === 0 ? (
            <Empty>{t('agents.noJobs')}</Empty>
          ) : (
            <ul className={pageStyles.list}>
              {agents.jobs.map((job) => (
                <JobItem
                  key={job.id}
                  of={job}
                  onEnd={
                    administers
                      ? () => setAsked({ what: 'end', id: job.id, name: nameOf(job.agent_name) })
                      : undefined
                  }
                />
              ))}
            </ul>
          )}
        </Card>
      )}
      <Dialog title={t('agents.send')} isOpen={sending} onClose={() => setSending(false)}>
        <SendAgent onSent={() => void refresh()} onClose={() => setSending(false)} />
      </Dialog>
      {asked && (
        <Confirm
          isOpen
          title={t(`agents.${asked.what}Title`, { name: asked.name })}
          text={t(`agents.${asked.what}Text`)}
          action={t(`agents.${asked.what}`)}
          onClose={() => setAsked(null)}
          onConfirm={async () => {
            await (asked.what === 'drain' ? drainWorker(asked.id) : endJob(asked.id));
            await refresh();
          }}
        />
      )}
    </>
  );
}

function Troubles({ troubles }: { troubles: Agents['troubles'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Card title={t('agents.troubles')}>
      <ul className={pageStyles.list}>
        {troubles.map((trouble, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two troubles may be the same in every word
          <li key={index} className={pageStyles.item}>
            <div className={pageStyles.itemText}>
              <div className={pageStyles.itemTitle}>{trouble.text}</div>
              <div className={pageStyles.itemHint}>
                {[
                  trouble.agent_name || t('agents.unnamed'),
                  trouble.room,
                  format.dateTime(trouble.at),
                ].join(' · ')}
              </div>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}
