import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { About } from './about.ts';
import { readAbout } from './api.ts';
import { useQuery, useRoute } from './hooks.ts';
import { linkTo, type Route, SECTIONS, type Section } from './model/route.ts';
import { Empty } from './parts/basics.tsx';
import { ActivateView } from './views/activate.tsx';
import { ActivationView } from './views/activation.tsx';
import { ActivationsView } from './views/activations.tsx';
import { AlarmsView } from './views/alarms.tsx';
import { BatchView } from './views/batch.tsx';
import { BatchesView } from './views/batches.tsx';
import { EventsView } from './views/events.tsx';
import { FailuresView } from './views/failures.tsx';
import { FaultsView } from './views/faults.tsx';
import { OperationView } from './views/operation.tsx';
import { OperationsView } from './views/operations.tsx';
import { OverviewView } from './views/overview.tsx';
import { PlanView } from './views/plan.tsx';

const TITLES: Record<Section, string> = {
  overview: 'Overview',
  activations: 'Activations',
  failures: 'Failures',
  operations: 'Operations',
  batches: 'Batches',
  plans: 'Plans',
  events: 'Events',
  alarms: 'Alarms',
  faults: 'Faults',
};

export function App() {
  const route = useRoute();
  const about = useQuery('about', readAbout).data;
  const main = useRef<HTMLElement>(null);
  const place = `${route.section}/${route.id ?? ''}`;
  const isFirst = useRef(true);
  // A new view is read out from its heading. What was focused is gone.
  useEffect(() => {
    document.title = `${titleOf(route)} · flow-log-activator`;
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
    scrollTo(0, 0);
  }, [place]);
  return (
    <>
      <a class="skip" href={location.hash || '#/'} onClick={(event) => skip(event, main.current)}>
        Skip to the content
      </a>
      <Header route={route} about={about} />
      <main ref={main} tabIndex={-1} aria-label={titleOf(route)}>
        {viewOf(route, about)}
      </main>
    </>
  );
}

function skip(event: Event, main: HTMLElement | null) {
  event.preventDefault();
  main?.focus();
}

function Header({ route, about }: { route: Route; about: About | undefined }) {
  const hidden = [!about?.isLocal && 'alarms', !about?.hasFake && 'faults', 'plans'];
  const sections = SECTIONS.filter((one) => !hidden.includes(one));
  return (
    <header>
      <div class="bar">
        <a class="brand" href={linkTo('overview')}>
          <img src="/icon.svg" alt="" width="24" height="24" />
          <span>
            flow-log-activator
            <small>{about?.service ?? ' '}</small>
          </span>
        </a>
        <nav aria-label="Views">
          {sections.map((section) => (
            <NavLink key={section} href={linkTo(section)} isCurrent={section === tabOf(route)}>
              {TITLES[section]}
            </NavLink>
          ))}
        </nav>
        <a class="button primary" href={linkTo('new')}>
          Activate
        </a>
      </div>
    </header>
  );
}

function NavLink(props: { href: string; isCurrent: boolean; children: ComponentChildren }) {
  const link = useRef<HTMLAnchorElement>(null);
  // On a phone the row of links is wider than the screen.
  useEffect(() => {
    if (props.isCurrent) link.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [props.isCurrent]);
  return (
    <a ref={link} class="tab" href={props.href} aria-current={props.isCurrent ? 'page' : undefined}>
      {props.children}
    </a>
  );
}

/** A plan is reached by its id, where the batches are. */
function tabOf({ section }: Route) {
  return section === 'plans' ? 'batches' : section;
}

function titleOf({ section, id }: Route): string {
  if (section === 'new') return 'Activate';
  if (section === 'unknown') return 'Not found';
  return id ?? TITLES[section];
}

function viewOf({ section, id, query }: Route, about: About | undefined) {
  switch (section) {
    case 'overview':
      return <OverviewView />;
    case 'activations':
      return id === undefined ? (
        <ActivationsView query={query} />
      ) : (
        <ActivationView key={id} activationId={id} about={about} />
      );
    case 'failures':
      return <FailuresView query={query} />;
    case 'operations':
      return id === undefined ? (
        <OperationsView />
      ) : (
        <OperationView key={id} operationId={id} query={query} />
      );
    case 'batches':
      return id === undefined ? (
        <BatchesView query={query} />
      ) : (
        <BatchView key={id} batchId={id} query={query} />
      );
    case 'plans':
      return id === undefined ? <BatchesView query={query} /> : <PlanView key={id} planId={id} />;
    case 'events':
      return about ? <EventsView about={about} /> : null;
    case 'alarms':
      return <AlarmsView />;
    case 'faults':
      return <FaultsView />;
    case 'new':
      return <ActivateView query={query} />;
    case 'unknown':
      return (
        <Empty>
          <h1>There is no such view</h1>
          <a href={linkTo('overview')}>Overview</a>
        </Empty>
      );
  }
}
