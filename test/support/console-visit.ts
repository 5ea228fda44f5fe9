/** A browser without a script: it keeps cookies, and sends the forms that it was shown. */
export interface ConsoleVisit {
  /** Asks for a path (`/console/account`); redirects are not followed. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<ConsoleAnswer>;
  /** Sends fields to a path with the token of the form on the page `from` (the path itself where not said). */
  send(path: string, fields: Fields, from?: string): Promise<ConsoleAnswer>;
  /** Sends exactly this: nothing is added but the cookies. */
  post(path: string, body: string, headers?: Readonly<Record<string, string>>): Promise<ConsoleAnswer>;
  /** Signs in with a bearer token. */
  signInWithToken(token: string): Promise<ConsoleAnswer>;
  /** Signs in with a password. */
  signIn(name: string, password: string): Promise<ConsoleAnswer>;
  /** Follows redirects to the page that they lead to. */
  follow(answer: ConsoleAnswer): Promise<ConsoleAnswer>;
  readonly cookies: Map<string, string>;
}

type Fields = Readonly<Record<string, string | readonly string[]>>;

export interface ConsoleAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly setCookies: readonly string[];
  readonly location: string | null;
  readonly html: string;
}

/** Opens a browser without a script at the gate `url`. */
export function visitConsole(url: string): ConsoleVisit {
  const cookies = new Map<string, string>();

  const ask = async (path: string, init: RequestInit): Promise<ConsoleAnswer> => {
    const headers = new Headers(init.headers);
    if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(`${url}${path}`, { ...init, headers, redirect: 'manual' });
    const setCookies = response.headers.getSetCookie();
    for (const cookie of setCookies) keep(cookies, cookie);
    const { status } = response;
    return {
      status,
      headers: response.headers,
      setCookies,
      location: response.headers.get('location'),
      html: await response.text(),
    };
  };

  const visit: ConsoleVisit = {
    cookies,
    get: (path, headers = {}) => ask(path, { headers }),
    post: (path, body, headers = {}) =>
      ask(path, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } }),
    async send(path, fields, from = path) {
      const token = tokenIn((await visit.get(from)).html);
      const body = new URLSearchParams({ csrf: token });
      for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
      return visit.post(path, body.toString(), { origin: url });
    },
    signInWithToken: (token) => visit.send('/console/sign-in/token', { token }),
    signIn: (name, password) => visit.send('/console/sign-in', { name, password }),
    async follow(answer) {
      let page = answer;
      for (let hops = 0; page.location !== null && hops < 5; hops++) page = await visit.get(page.location);
      return page;
    },
  };
  return visit;
}

/** The token of the first form on a page; empty where it has none. */
export function tokenIn(html: string): string {
  return /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
}

function keep(cookies: Map<string, string>, setCookie: string): void {
  const [pair = '', ...attributes] = setCookie.split(';');
  const at = pair.indexOf('=');
  const isOver = attributes.some((attribute) => attribute.trim().toLowerCase() === 'max-age=0');
  if (isOver) cookies.delete(pair.slice(0, at));
  else cookies.set(pair.slice(0, at), pair.slice(at + 1));
}
