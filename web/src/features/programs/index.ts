/** What the administration shows of programs: their API keys, and tokens made and read by hand; and a text to copy. */
export { listApiKeys } from './api/listApiKeys';
export { ApiKeysCard } from './components/ApiKeysCard';
export { Copied } from './components/Copied';
export { TokensCard } from './components/TokensCard';
