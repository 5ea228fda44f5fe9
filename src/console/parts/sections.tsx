import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import { useSurroundings } from '../surroundings.js';

/** A part of a page with a heading, on a surface of its own. */
export function Card({
  title,
  id,
  lead,
  actions,
  children,
}: {
  readonly title?: ComponentChildren;
  readonly id?: string;
  readonly lead?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly children?: ComponentChildren;
}): JSX.Element {
  const headingId = useId();
  return (
    <section class="card" id={id} aria-labelledby={title === undefined ? undefined : headingId}>
      {title !== undefined && (
        <div class="card-head">
          <div>
            <h2 id={headingId}>{title}</h2>
            {lead !== undefined && <p class="quiet">{lead}</p>}
          </div>
          {actions !== undefined && <div class="cluster">{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

/** Names and what they are: the facts of one thing. Null leaves a fact out. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ComponentChildren])[] }): JSX.Element {
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Nothing is here: says so, and what to do next. */
export function Empty({
  title,
  children,
  action,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
  readonly action?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children !== undefined && <p>{children}</p>}
      {action !== undefined && <p class="cluster">{action}</p>}
    </div>
  );
}

/** Pages beside each other that are about the same thing: each is an address of its own. */
export function Tabs({
  label,
  tabs,
}: {
  readonly label: string;
  readonly tabs: readonly {
    readonly href: string;
    readonly label: string;
    readonly count?: number;
    readonly current: boolean;
  }[];
}): JSX.Element {
  return (
    <nav class="tabs" aria-label={label}>
      <ul>
        {tabs.map(({ href, label: name, count, current }) => (
          <li key={href}>
            <a href={href} aria-current={current ? 'page' : undefined}>
              {name}
              {count !== undefined && <span class="count">{count}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The way to the next rows of a list that goes on, with the filters of this page. */
export function Pager({
  next,
  param = 'after',
}: {
  readonly next: string | null;
  readonly param?: string;
}): JSX.Element | null {
  const { path, search } = useSurroundings();
  const current = new URLSearchParams(search);
  const isFirst = !current.has(param);
  if (next === null && isFirst) return null;
  const first = new URLSearchParams(search);
  first.delete(param);
  if (next !== null) current.set(param, next);
  return (
    <nav class="pager cluster" aria-label="Pages">
      {!isFirst && (
        <a class="button" href={withQuery(path, first)}>
          To the first
        </a>
      )}
      {next !== null && (
        <a class="button" rel="next" href={withQuery(path, current)} data-key="n" aria-keyshortcuts="n">
          Next
        </a>
      )}
    </nav>
  );
}

function withQuery(path: string, query: URLSearchParams): string {
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

/** Things to do one after the other, and how far they are. */
export function Steps({
  steps,
}: {
  readonly steps: readonly {
    readonly label: ComponentChildren;
    readonly state: 'done' | 'current' | 'ahead' | 'failed';
  }[];
}): JSX.Element {
  const words = { done: 'done', current: 'now', ahead: 'to come', failed: 'failed' } as const;
  return (
    <ol class="steps">
      {steps.map(({ label, state }, index) => (
        <li key={index} class={state} aria-current={state === 'current' ? 'step' : undefined}>
          <span>{label}</span> <span class="step-state">{words[state]}</span>
        </li>
      ))}
    </ol>
  );
}
