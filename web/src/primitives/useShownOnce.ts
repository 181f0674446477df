/** The browser asks before a page goes with what is shown on it this once. */
import { useEffect, useState } from 'react';

/** While `holds`, something would be lost with the page. */
export function useHeld(holds: boolean) {
  useEffect(() => {
    if (!holds) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [holds]);
}

/** Holds `text`, unless there is none, until it was copied: by hand, or by a button that calls what is returned. */
export function useShownOnce(text: string | null): () => void {
  const [taken, setTaken] = useState<string | null>(null);
  const holds = text !== taken && text !== null;
  useHeld(holds);
  useEffect(() => {
    if (!holds) return;
    // Something else on the page may be copied.
    const take = (event: ClipboardEvent) => {
      if (selected(event.target).includes(text)) setTaken(text);
    };
    window.addEventListener('copy', take);
    return () => window.removeEventListener('copy', take);
  }, [holds, text]);
  return () => setTaken(text);
}

/** The text that a copy takes. A field's own selection is no part of the page's in every browser. */
function selected(from: EventTarget | null): string {
  if (from instanceof HTMLInputElement || from instanceof HTMLTextAreaElement)
    return from.value.slice(from.selectionStart ?? 0, from.selectionEnd ?? 0);
  return window.getSelection()?.toString() ?? '';
}
