import { request } from './api.js';

type Json = Readonly<Record<string, any>>;

/** A copy of the catalogue, as a frontend keeps one. */
export interface CatalogueCopy {
  readonly apps: ReadonlyMap<string, Json>;
  /** By `app@version`. */
  readonly releases: ReadonlyMap<string, Json>;
  /** Which things came twice though nothing about them had changed. */
  readonly repeated: readonly string[];
  /** How many changes were taken over. */
  readonly taken: () => number;
  /** Takes over one page; false where there was nothing on it. */
  takeOver(query?: { readonly limit?: number; readonly wait?: number }): Promise<boolean>;
  /** Takes over all that there is. */
  catchUp(): Promise<void>;
}

/** Begins a copy of what the gate at `url` has, from nothing. */
export function copyCatalogue(url: string): CatalogueCopy {
  const apps = new Map<string, Json>();
  const releases = new Map<string, Json>();
  const repeated: string[] = [];
  let taken = 0;
  let after = '';
  const put = (things: Map<string, Json>, key: string, thing: Json): void => {
    if (JSON.stringify(things.get(key)) === JSON.stringify(thing)) repeated.push(key);
    things.set(key, thing);
    taken += 1;
  };
  const takeOver: CatalogueCopy['takeOver'] = async ({ limit = 100, wait = 0 } = {}) => {
    const { status, body } = await request(`${url}/api/v1/changes?limit=${limit}&wait=${wait}&after=${after}`);
    if (status !== 200) throw new Error(`The changes came with ${status}`);
    for (const { type, app, release } of body.changes) {
      if (type === 'app') put(apps, app.id, app);
      else put(releases, `${release.appId}@${release.version}`, release);
    }
    after = body.next;
    return body.changes.length > 0;
  };
  return {
    apps,
    releases,
    repeated,
    taken: () => taken,
    takeOver,
    async catchUp() {
      while (await takeOver({ limit: 500 })) /* there is more */ ;
    },
  };
}

/** The same by the lists, page by page: what a copy has to be equal to. */
export async function listCatalogue(url: string): Promise<Pick<CatalogueCopy, 'apps' | 'releases'>> {
  const apps = new Map<string, Json>();
  const releases = new Map<string, Json>();
  for await (const app of listed(`${url}/api/v1/apps`, 'apps')) apps.set(app['id'], app);
  for (const id of apps.keys()) {
    for await (const release of listed(`${url}/api/v1/apps/${id}/releases`, 'releases')) {
      releases.set(`${id}@${release['version']}`, release);
    }
  }
  return { apps, releases };
}

async function* listed(address: string, member: string): AsyncGenerator<Json> {
  let after: string | null = null;
  do {
    const from: string = after === null ? '' : `&after=${encodeURIComponent(after)}`;
    const { body } = await request(`${address}?limit=50${from}`);
    yield* body[member] as readonly Json[];
    after = body.next;
  } while (after !== null);
}
