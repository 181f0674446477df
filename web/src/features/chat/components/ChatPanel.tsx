/** The conversation beside the call. */
import { ArrowDown, Send } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../../../primitives/Button';
import { Notice } from '../../../primitives/Notice';
import { useAction } from '../../../primitives/useAction';
import { useFormat } from '../../../primitives/useFormat';
import type { ChatMessage } from '../hooks/useChat';
import { useStickToEnd } from '../hooks/useStickToEnd';
import { LONGEST_MESSAGE, lengthOf } from '../length';
import { linkPieces } from '../links';
import styles from './Chat.module.css';

/** From here on it is counted what is left. */
const NEARLY_FULL = 200;

export function ChatPanel({
  messages,
  allowed,
  onSend,
  draft,
  onDraft,
}: {
  messages: ChatMessage[];
  allowed: boolean;
  onSend: (text: string) => Promise<void>;
  /** What is half written, kept while the panel is closed. */
  draft: string;
  onDraft: (text: string) => void;
}) {
  const { t } = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const { run, pending, failure } = useAction(async () => {
    await onSend(draft.trim());
    onDraft('');
  });
  const leftId = useId();
  const end = useStickToEnd(list, messages.length, messages.at(-1)?.own ?? false);
  useEffect(() => input.current?.focus(), []);
  const left = LONGEST_MESSAGE - lengthOf(draft.trim());
  const sendable = draft.trim() !== '' && left >= 0;
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (sendable && !pending) void run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      submit();
    }
  };
  return (
    <div className={styles.chat}>
      <div
        className={styles.list}
        ref={list}
        role="log"
        aria-label={t('chat.messages')}
        onScroll={end.onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
        tabIndex={0}
      >
        {messages.length === 0 && <p className={styles.empty}>{t('chat.empty')}</p>}
        {messages.map((message, index) => (
          <Message
            key={message.id}
            message={message}
            headed={!follows(messages[index - 1], message)}
          />
        ))}
      </div>
      {end.below > 0 && (
        <div className={styles.below}>
          <Button small look="primary" onPress={end.scroll}>
            <ArrowDown size={16} aria-hidden="true" />
            {t('chat.below', { count: end.below })}
          </Button>
        </div>
      )}
      {failure !== null && <Notice tone="danger">{t('chat.failed')}</Notice>}
      {allowed && left < NEARLY_FULL && (
        <p id={leftId} className={styles.left} data-over={left < 0}>
          {left < 0 ? t('chat.tooLong', { count: -left }) : t('chat.left', { count: left })}
        </p>
      )}
      {allowed && (
        <span className="visually-hidden" role="status">
          {left < 0 && t('chat.tooLongHint')}
        </span>
      )}
      {allowed ? (
        <form className={styles.form} onSubmit={submit}>
          <textarea
            ref={input}
            className={styles.input}
            rows={1}
            aria-invalid={left < 0}
            aria-describedby={left < NEARLY_FULL ? leftId : undefined}
            aria-label={t('chat.write')}
            placeholder={t('chat.write')}
            value={draft}
            onChange={(event) => onDraft(event.target.value)}
            onKeyDown={onKeyDown}
          />
          <IconButton type="submit" look="primary" label={t('chat.send')} isDisabled={!sendable}>
            <Send size={18} aria-hidden="true" />
          </IconButton>
        </form>
      ) : (
        <Notice>{t('chat.notAllowed')}</Notice>
      )}
    </div>
  );
}

function Message({ message, headed }: { message: ChatMessage; headed: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className={styles.message} data-own={message.own}>
      {headed && (
        <div className={styles.head}>
          <strong>{message.own ? t('chat.you') : message.name}</strong>
          <time dateTime={new Date(message.at).toISOString()}>{format.time(message.at)}</time>
        </div>
      )}
      <p className={styles.text}>
        {linkPieces(message.text).map((piece, index) => {
          const key = `${index}:${piece.text}`;
          return piece.href === null ? (
            <span key={key}>{piece.text}</span>
          ) : (
            <a key={key} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
              {piece.text}
            </a>
          );
        })}
      </p>
    </div>
  );
}

function follows(previous: ChatMessage | undefined, message: ChatMessage): boolean {
  return previous?.identity === message.identity && message.at - previous.at < 120_000;
}
