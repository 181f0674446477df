/** Runs the browser's half once, way by way, and hears the verdict. */
import { useEffect, useRef, useState } from 'react';
import { type DoctorVerdict, tellDoctorFindings } from '../api/tellDoctorFindings';
import { tryWays } from '../tryWays';
import type { Tried, Way } from '../ways';

export type Progress = {
  tried: Tried[];
  /** What is under way; nothing once all is done. */
  now: Way | 'measure' | null;
  verdict: DoctorVerdict | null;
  error: unknown;
};

export function useDoctorRun(token: string) {
  const [progress, setProgress] = useState<Progress>(begun);
  const [turn, setTurn] = useState(0);
  const running = useRef(-1);
  useEffect(() => {
    // A page that is drawn twice must not run twice.
    if (running.current === turn) return;
    running.current = turn;
    setProgress(begun);
    const change = (what: Partial<Progress>) => setProgress((all) => ({ ...all, ...what }));
    const run = async () => {
      const found = await tryWays(
        token,
        (now) => change({ now }),
        (tried) => setProgress((all) => ({ ...all, now: 'measure', tried: [...all.tried, tried] })),
      );
      const verdict = await tellDoctorFindings(token, {
        agent: navigator.userAgent.slice(0, 512),
        sent_at: Date.now(),
        secure: window.isSecureContext,
        ...found,
      });
      change({ now: null, verdict });
    };
    run().catch((error: unknown) => change({ now: null, error }));
  }, [token, turn]);
  return { ...progress, again: () => setTurn((last) => last + 1) };
}

const begun: Progress = { tried: [], now: 'page', verdict: null, error: null };
