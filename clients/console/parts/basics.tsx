import type { ComponentChildren } from 'preact';
import { sayError } from '../api.ts';
import type { Query } from '../hooks.ts';
import type { State, Tone } from '../model/activation-state.ts';
import { relativeTime } from '../model/time.ts';

/** A state in words, with a mark in its colour. */
export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

export function StateBadge({ state: { tone, text, detail } }: { state: State }) {
  return <Badge tone={tone}>{detail === undefined ? text : `${text}: ${detail}`}</Badge>;
}

/** A time as people say it; the exact one is its tooltip. */
export function Time({ at, now }: { at: string; now: number }) {
  return (
    <time dateTime={at} title={at}>
      {relativeTime(at, now)}
    </time>
  );
}

/** A box that says something of weight. It is read out when it appears. */
export function Notice({
  tone,
  title,
  children,
}: {
  tone: Tone;
  title?: string;
  children?: ComponentChildren;
}) {
  return (
    <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      {title && <strong>{title}</strong>}
      <div>{children}</div>
    </div>
  );
}

/** The error of a query, above what it showed last; while nothing came yet, that it is being read. */
export function QueryState({ query }: { query: Query<unknown> }) {
  if (query.error !== undefined) {
    const stale = query.data === undefined ? '' : ' What you see is from before.';
    return <Notice tone="bad">{`${sayError(query.error)}${stale}`}</Notice>;
  }
  return query.data === undefined ? <p class="loading">Reading…</p> : null;
}

/** Nothing is there: why, and what to do. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}

/** A heading of a part of a view, with what stands beside it. */
export function PartHead({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="part-head">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Records that another version wrote, and this one cannot read. */
export function Unreadable({ flowLogs = [] }: { flowLogs?: { flowLogId: string }[] | undefined }) {
  if (flowLogs.length === 0) return null;
  const names = flowLogs.map(({ flowLogId }) => flowLogId).join(', ');
  return <Notice tone="alert">Another version wrote these, and they cannot be read: {names}.</Notice>;
}

/** The heads of a table. The second of a pair is how its column looks. */
export function Heads({ columns }: { columns: (string | [text: string, look: string])[] }) {
  return (
    <thead>
      <tr>
        {columns.map((column) => {
          const [text, look] = typeof column === 'string' ? [column] : column;
          return (
            <th key={text} scope="col" class={look}>
              {text}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
