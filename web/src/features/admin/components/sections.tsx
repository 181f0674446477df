/** The pages of the administration, in groups, each with the right that it asks for. */
import {
  Activity,
  BookOpen,
  Bot,
  Cog,
  DoorOpen,
  Film,
  Gauge,
  HeartPulse,
  History,
  KeyRound,
  ListChecks,
  type LucideIcon,
  Mail,
  Phone,
  Podcast,
  Radio,
  ScrollText,
  SlidersHorizontal,
  Stethoscope,
  Ticket,
  Users,
  Webhook,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { AgentsCard } from '../../agents';
import { may, type Right, useMe } from '../../auth';
import { DoctorCard } from '../../doctor';
import { EgressCard } from '../../egress';
import { IngressCard } from '../../ingress';
import { LiveRoomsCard } from '../../live';
import { ApiKeysCard, TokensCard } from '../../programs';
import { SettingsCard } from '../../settings';
import { ConfigurationCard, HealthCard, JobsCard, LogCard } from '../../system';
import { TelephonyCard } from '../../telephony';
import { WebhooksCard } from '../../webhooks';
import { AuditCard } from './AuditCard';
import { InvitesCard } from './InvitesCard';
import { MeetingsCard } from './MeetingsCard';
import { OverviewCard } from './OverviewCard';
import { RecordingsCard } from './RecordingsCard';
import { RoomsCard } from './RoomsCard';
import { UsersCard } from './UsersCard';

type Section = {
  id: string;
  label: string;
  icon: LucideIcon;
  right: Right;
  /** Nothing where `href` leads elsewhere. */
  content?: ReactNode;
  href?: string;
};

type Group = { title?: string; sections: Section[] };

/** What the one who is signed in may see. */
export function useSections(): Group[] {
  const me = useMe();
  return useGroups()
    .map(({ title, sections }) => ({
      title,
      sections: sections.filter(({ right }) => me && may(me.role, right)),
    }))
    .filter(({ sections }) => sections.length > 0);
}

/** All there are, whoever may see them. */
export function useGroups(): Group[] {
  const { t } = useTranslation();
  return [
    {
      sections: [
        {
          id: 'overview',
          right: 'see_rooms',
          label: t('admin.overview'),
          icon: Gauge,
          content: <OverviewCard />,
        },
        {
          id: 'live',
          right: 'see_rooms',
          label: t('live.title'),
          icon: Radio,
          content: <LiveRoomsCard />,
        },
        {
          id: 'rooms',
          right: 'see_rooms',
          label: t('admin.rooms'),
          icon: DoorOpen,
          content: <RoomsCard />,
        },
        {
          id: 'meetings',
          right: 'see_rooms',
          label: t('list.meetings'),
          icon: History,
          content: <MeetingsCard />,
        },
        {
          id: 'recordings',
          right: 'see_recordings',
          label: t('recording.title'),
          icon: Film,
          content: <RecordingsCard />,
        },
      ],
    },
    {
      title: t('admin.group.people'),
      sections: [
        {
          id: 'users',
          right: 'see_site',
          label: t('admin.users'),
          icon: Users,
          content: <UsersCard />,
        },
        {
          id: 'invites',
          right: 'see_site',
          label: t('admin.invites'),
          icon: Mail,
          content: <InvitesCard />,
        },
      ],
    },
    {
      title: t('admin.group.media'),
      sections: [
        {
          id: 'streaming',
          right: 'see_site',
          label: t('admin.streaming'),
          icon: Podcast,
          content: (
            <>
              <IngressCard />
              <EgressCard />
            </>
          ),
        },
        {
          id: 'agents',
          right: 'see_site',
          label: t('admin.agents'),
          icon: Bot,
          content: <AgentsCard />,
        },
        {
          id: 'telephony',
          right: 'see_site',
          label: t('telephony.title'),
          icon: Phone,
          content: <TelephonyCard />,
        },
      ],
    },
    {
      title: t('admin.group.developers'),
      sections: [
        {
          id: 'keys',
          right: 'see_site',
          label: t('admin.keys'),
          icon: KeyRound,
          content: <ApiKeysCard />,
        },
        {
          id: 'tokens',
          right: 'see_site',
          label: t('admin.tokens'),
          icon: Ticket,
          content: <TokensCard />,
        },
        {
          id: 'webhooks',
          right: 'administer',
          label: t('webhooks.title'),
          icon: Webhook,
          content: <WebhooksCard />,
        },
        {
          id: 'api',
          right: 'see_site',
          label: t('shell.api'),
          icon: BookOpen,
          href: '/api/reference',
        },
      ],
    },
    {
      title: t('admin.group.system'),
      sections: [
        {
          id: 'health',
          right: 'see_site',
          label: t('health.title'),
          icon: HeartPulse,
          content: <HealthCard />,
        },
        {
          id: 'doctor',
          right: 'see_site',
          label: t('doctor.title'),
          icon: Stethoscope,
          content: <DoctorCard />,
        },
        {
          id: 'audit',
          right: 'see_site',
          label: t('admin.audit'),
          icon: Activity,
          content: <AuditCard />,
        },
        {
          id: 'log',
          right: 'see_site',
          label: t('system.log'),
          icon: ScrollText,
          content: <LogCard />,
        },
        {
          id: 'jobs',
          right: 'see_site',
          label: t('system.jobs'),
          icon: ListChecks,
          content: <JobsCard />,
        },
        {
          id: 'configuration',
          right: 'see_site',
          label: t('system.configuration'),
          icon: Cog,
          content: <ConfigurationCard />,
        },
        {
          id: 'settings',
          right: 'see_site',
          label: t('site.title'),
          icon: SlidersHorizontal,
          content: <SettingsCard />,
        },
      ],
    },
  ];
}
