import type { About } from '../about.ts';
import { api, local } from '../api.ts';
import { useNow, useQuery } from '../hooks.ts';
import { eventsOfActivations, eventsOfBus, type SeenEvent } from '../model/events.ts';
import { Badge, Empty, Heads, QueryState, Time } from '../parts/basics.tsx';

const LOOK_EVERY_MS = 2_000;
/** The activations whose events are shown, where the bus itself cannot be read. */
const LOOKED = 200;
const SHOWN = 100;

/**
 * What was published, live. The bus of a deployed stack cannot be read, so that there it is what the service has noted
 * of the newest activations.
 */
export function EventsView({ about }: { about: About }) {
  const now = useNow();
  const query = useQuery(`events ${about.hasBus}`, about.hasBus ? readBus : readNoted, {
    everyMs: LOOK_EVERY_MS,
  });
  const events = query.data ?? [];
  return (
    <>
      <div class="view-head">
        <h1>Events</h1>
        <p class="hint">
          {about.hasBus
            ? `The latest ${SHOWN} on the local bus, live`
            : `Events and dead letters of the newest ${LOOKED} activations, live. Events of batches are only on the bus`}
        </p>
      </div>
      <QueryState query={query} />
      {query.data && events.length === 0 && <Empty>Nothing was published yet.</Empty>}
      {events.length > 0 && (
        <table class="events">
          <caption class="unseen">Events, newest first</caption>
          <Heads columns={['Event', 'Of', ['Reason', 'wide'], ['Published', 'number']]} />
          <tbody>
            {events.map((event) => (
              <EventRow key={event.key} event={event} now={now} />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function EventRow({ event, now }: { event: SeenEvent; now: number }) {
  const { at, tone, title, subject, href, detail } = event;
  return (
    <tr>
      <td>
        <Badge tone={tone}>{title}</Badge>
      </td>
      <th scope="row">{href ? <a href={href}>{subject}</a> : subject}</th>
      <td class="wide">{detail}</td>
      <td class="number">
        <Time at={at} now={now} />
      </td>
    </tr>
  );
}

async function readBus(signal: AbortSignal): Promise<SeenEvent[]> {
  return eventsOfBus((await local.events(signal)).slice(0, SHOWN));
}

async function readNoted(signal: AbortSignal): Promise<SeenEvent[]> {
  const { data } = await api.GET('/activations', { params: { query: { limit: LOOKED } }, signal });
  return eventsOfActivations(data?.activations ?? []).slice(0, SHOWN);
}
