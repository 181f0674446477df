/** What the call uses of chat. */
export { ChatPanel } from './components/ChatPanel';
export { CHAT_EVENTS, useChat } from './hooks/useChat';
