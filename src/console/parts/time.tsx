import type { ComponentChildren, JSX } from 'preact';

/** A moment, in UTC; a script says how long ago that is, and leaves the moment to whoever points at it. */
export function Time({ at }: { readonly at: Date }): JSX.Element {
  const iso = at.toISOString();
  return (
    <time datetime={iso} data-relative="">
      {`${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`}
    </time>
  );
}

/** A day. */
export function Day({ at }: { readonly at: Date }): JSX.Element {
  const day = at.toISOString().slice(0, 10);
  return <time datetime={day}>{day}</time>;
}

/** What happened, one after the other; give it in the order that it is to be read in. */
export function Timeline({
  events,
}: {
  readonly events: readonly {
    readonly at: Date;
    readonly title: ComponentChildren;
    readonly body?: ComponentChildren;
    readonly tone?: 'good' | 'bad' | 'warning' | 'info';
  }[];
}): JSX.Element {
  return (
    <ol class="timeline">
      {events.map(({ at, title, body, tone }, index) => (
        <li key={index} class={tone}>
          <p class="timeline-title">{title}</p>
          <p class="small quiet">
            <Time at={at} />
          </p>
          {body !== undefined && <div class="timeline-body">{body}</div>}
        </li>
      ))}
    </ol>
  );
}
