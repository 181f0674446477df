/** What the administration shows of agents: workers, their jobs, and how to send them into rooms; and of those of one room. */
export { AgentsCard } from './components/AgentsCard';
export { AgentsInRoomCard } from './components/InRoomCard';
