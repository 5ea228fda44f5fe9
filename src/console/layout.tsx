import type { JSX } from 'preact';
import { isModerator, isOperator } from '../accounts/caller.js';
import type { AssetName, Assets } from './assets.js';
import { isBeneath, navigationFor, type NavigationLink } from './navigation.js';
import type { Crumb, ShownPage } from './page.js';
import { Callout } from './parts/callout.js';
import { Form } from './parts/form.js';
import { useSurroundings } from './surroundings.js';

/** The whole document around a page. */
export function Document({
  page,
  base,
  assets,
  flash,
}: {
  readonly page: ShownPage;
  readonly base: string;
  readonly assets: Assets;
  readonly flash: string | null;
}): JSX.Element {
  const { session, storeName } = useSurroundings();
  const asset = (name: AssetName): string => `console/assets/${assets.byName[name].fileName}`;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <base href={base} />
        <title>{`${page.title} · ${storeName}`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <link rel="icon" type="image/svg+xml" href={asset('icon.svg')} />
        <link rel="stylesheet" href={asset('console.css')} />
        <script type="module" src={asset('console.js')} />
        {page.script !== undefined && (
          <script type="module" src={asset(page.script)} data-client={`console/assets/${assets.client.folder}`} />
        )}
      </head>
      <body class={session === null ? 'signed-out' : 'signed-in'}>
        <SkipLink />
        <Header icon={asset('icon.svg')} />
        <div class="frame">
          {session !== null && <Navigation />}
          <main id="main" class={page.wide === true ? 'wide' : undefined} tabIndex={-1}>
            {page.crumbs !== undefined && <Breadcrumbs crumbs={page.crumbs} />}
            {flash !== null && (
              <Callout kind="good" role="status">
                {flash}
              </Callout>
            )}
            {page.heading !== false && <Heading page={page} />}
            {page.body}
          </main>
        </div>
        <Footer />
        <div id="announcements" class="visually-hidden" aria-live="polite" />
      </body>
    </html>
  );
}

function SkipLink(): JSX.Element {
  const { path, search } = useSurroundings();
  // Not only "#main": that would be relative to the base.
  return (
    <a class="skip" href={`${path}${search}#main`}>
      Skip to content
    </a>
  );
}

function Header({ icon }: { readonly icon: string }): JSX.Element {
  const { session, storeName, path } = useSurroundings();
  return (
    <header class="top">
      <a class="brand" href="console">
        <img src={icon} alt="" width="24" height="24" />
        <span>
          Portcullis <span class="store">{storeName}</span>
        </span>
      </a>
      {session === null && path !== 'console/sign-in' && (
        <a class="button small" href="console/sign-in">
          Sign in
        </a>
      )}
      {session !== null && (
        <details class="menu">
          <summary>
            <span class="avatar" aria-hidden="true">
              {session.caller.accountName.slice(0, 1).toUpperCase()}
            </span>
            <span class="who">{session.caller.accountName}</span>
          </summary>
          <div class="menu-body">
            <p class="small">
              Signed in as <strong>{session.caller.accountName}</strong>
              <br />
              <span class="quiet">{roleOf(session)}</span>
            </p>
            <a href="console/account">Account</a>
            <Form action="console/sign-out">
              <button type="submit" class="plain">
                Sign out
              </button>
            </Form>
          </div>
        </details>
      )}
    </header>
  );
}

function roleOf({ caller }: NonNullable<ReturnType<typeof useSurroundings>['session']>): string {
  if (isOperator(caller)) return 'Administrator';
  return isModerator(caller) ? 'Moderator' : 'Developer';
}

function Navigation(): JSX.Element | null {
  const { session, path } = useSurroundings();
  if (session === null) return null;
  return (
    <nav class="side" aria-label="Console">
      {navigationFor(session).map(({ label, links }) => (
        <section key={label}>
          <h2>{label}</h2>
          <ul>
            {links.map((link) => (
              <li key={link.href}>
                <a href={link.href} aria-current={currency(path, link)}>
                  {link.label}
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function currency(path: string, link: NavigationLink): 'page' | 'true' | undefined {
  if (path === link.href) return 'page';
  return isBeneath(path, link) ? 'true' : undefined;
}

function Breadcrumbs({ crumbs }: { readonly crumbs: readonly Crumb[] }): JSX.Element {
  return (
    <nav class="crumbs" aria-label="Breadcrumbs">
      <ol>
        {crumbs.map(({ label, href }) => (
          <li key={label}>
            {href === undefined ? <span aria-current="page">{label}</span> : <a href={href}>{label}</a>}
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Heading({ page: { title, lead, actions } }: { readonly page: ShownPage }): JSX.Element {
  return (
    <div class="heading">
      <div>
        <h1>{title}</h1>
        {lead !== undefined && <p class="lead">{lead}</p>}
      </div>
      {actions !== undefined && <div class="cluster">{actions}</div>}
    </div>
  );
}

function Footer(): JSX.Element {
  return (
    <footer class="bottom">
      <ul>
        <li>
          <a href="console/apps">Apps</a>
        </li>
        <li>
          <a href="console/findings">What findings mean</a>
        </li>
        <li>
          <a href="docs">API</a>
        </li>
        <li data-needs-script="" hidden>
          Press <kbd>?</kbd> for keys
        </li>
      </ul>
    </footer>
  );
}
