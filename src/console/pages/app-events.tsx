import type { JSX } from 'preact';
import type { AppEventRow } from '../../database/apps.js';
import { Timeline } from '../parts/time.js';
import { shown, Words } from '../parts/words.js';
import { appEventTitle, appEventTone } from './moderation-words.js';

/** What happened to an app, as everybody's pages show it: what, when, who and why. */
export function AppEvents({ events }: { readonly events: readonly AppEventRow[] }): JSX.Element {
  return (
    <Timeline
      events={events.map((event) => ({
        at: event.happenedAt,
        title: shown(appEventTitle(event)),
        tone: appEventTone(event),
        body: (
          <>
            <p class="small quiet">by {event.accountName}</p>
            {event.reason !== '' && <Words text={event.reason} />}
          </>
        ),
      }))}
    />
  );
}
