import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { sayError } from './api.ts';
import { parseRoute, type Route } from './model/route.ts';

/** The route in the URL. Links change it, and the browser's own buttons. */
export function useRoute(): Route {
  const [fragment, setFragment] = useState(location.hash);
  useEffect(() => {
    const onChange = () => setFragment(location.hash);
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return parseRoute(fragment);
}

/** The time, each second, so that "7 s ago" stays true. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export type Query<Data> = {
  /** The latest answer for this key; kept while a later one fails. */
  data: Data | undefined;
  error: unknown;
  reload: () => void;
};

/**
 * Reads what `key` names, and again each `everyMs` while the page is visible. An answer to an earlier key is dropped.
 */
export function useQuery<Data>(
  key: string,
  read: (signal: AbortSignal) => Promise<Data>,
  { everyMs }: { everyMs?: number | undefined } = {},
): Query<Data> {
  const [answer, setAnswer] = useState<{ key: string; data?: Data; error?: unknown }>({ key });
  const [round, setRound] = useState(0);
  const latestRead = useRef(read);
  latestRead.current = read;
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      try {
        const data = await latestRead.current(stop.signal);
        if (!stop.signal.aborted) setAnswer({ key, data });
      } catch (error) {
        if (!stop.signal.aborted) setAnswer((was) => (was.key === key ? { ...was, error } : { key, error }));
      }
      if (everyMs !== undefined && !stop.signal.aborted) timer = setTimeout(lookIfVisible, everyMs);
    };
    const lookIfVisible = () => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible') void look();
    };
    void look();
    if (everyMs !== undefined) document.addEventListener('visibilitychange', lookIfVisible);
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', lookIfVisible);
    };
  }, [key, everyMs, round]);
  const reload = useCallback(() => setRound((was) => was + 1), []);
  return answer.key === key
    ? { data: answer.data, error: answer.error, reload }
    : { data: undefined, error: undefined, reload };
}

/** Runs one action at a time, and keeps what became of it for the person who asked. */
export function useAction(): {
  isRunning: boolean;
  notice: { tone: 'good' | 'bad'; text: string } | undefined;
  run: (action: () => Promise<string>) => Promise<void>;
} {
  const [isRunning, setRunning] = useState(false);
  const [notice, setNotice] = useState<{ tone: 'good' | 'bad'; text: string }>();
  return {
    isRunning,
    notice,
    run: async (action) => {
      setRunning(true);
      setNotice(undefined);
      try {
        setNotice({ tone: 'good', text: await action() });
      } catch (error) {
        setNotice({ tone: 'bad', text: sayError(error) });
      } finally {
        setRunning(false);
      }
    },
  };
}
