import { isIP } from 'node:net';
import { z } from 'zod';
import { parseUrl } from './parse-url.js';
import { isAppId } from './app/app-id.js';
import { isMailAddress, MAX_MAIL_RECIPIENTS } from './mail-address.js';
import { configurableCodes, ruleModes, type RuleMode } from './policy/rules.js';
import type { ConfigurableCode } from './report/catalogue.js';

/*
 * How the values of settings are written. What is said of a wrong one never quotes it where it may hold a secret: what
 * is said goes to the terminal and into logs.
 */

/** A whole number between two bounds. */
export const integer = (fallback: number, min: number, max: number) => wholeNumber(min, max).default(fallback);

/** The same where saying nothing has a meaning of its own. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

/** Yes or no; no where nothing is said. */
export const flag = z
  .enum(['true', 'false', '1', '0'], 'must be true or false')
  .transform((text) => text === 'true' || text === '1')
  .default(false);

/** An address with one of these protocols. */
export const url = (protocols: readonly string[]) =>
  z.string().refine((text) => isUrl(text, protocols), {
    message: `must be an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  });

/** What {@link normalBaseUrl} asks for, for what is said of an address that it does not take. */
export const BASE_URL_RULE =
  'must be an address that begins with http:// or https://, without a name, a password, ? or # in it';

/**
 * The address under which the gate is reached, in the one spelling that goes into certificates and answers: the scheme and
 * the host in lower case, an international name in punycode, no closing slash. Null for what is none, and for one in which
 * there is more than a host and a path: it is made public.
 */
export function normalBaseUrl(text: string): string | null {
  // A URL would do without some of these characters, and read others as slashes.
  if (!/^https?:\/\/[^/]/i.test(text) || /[\s\p{C}\\?#]/u.test(text)) return null;
  const url = parseUrl(text);
  if (url === null) return null;
  const { protocol, host, pathname } = url;
  const isBareHost = !/^[^/]*@/.test(text.replace(/^https?:\/\//i, ''));
  return isBareHost && host !== '' ? `${protocol}//${host}${pathname}`.replace(/\/+$/, '') : null;
}

/** The address under which the gate is reached. */
export const baseUrl = z.string().transform((text, context) => {
  const address = normalBaseUrl(text);
  if (address !== null) return address;
  context.addIssue({ code: 'custom', message: BASE_URL_RULE });
  return z.NEVER;
});

/** The address of a mail server. What is wrong with one never quotes it: there may be a password in it. */
export const smtpUrl = z
  .string()
  .refine((text) => isUrl(text, ['smtp:', 'smtps:']) && /^smtps?:\/\//i.test(text), {
    message: 'must be an address that begins with smtp:// or smtps://',
    abort: true,
  })
  .refine((text) => parseUrl(text) === null || /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])$/.test(new URL(text).hostname), {
    message: 'must name a mail server, as smtp://mail.example.org:587',
  })
  .refine((text) => parseUrl(text) === null || [new URL(text).username, new URL(text).password].every(isDecodable), {
    message: 'has a % in its name or password that stands for nothing: write %25 for %',
  });

/** Addresses from which something public is fetched: https, each once, without a name or a password in them. */
export const httpsUrls = z
  .string()
  .default('')
  .transform(splitList)
  .refine((urls) => urls.every((each) => isUrl(each, ['https:']) && !hasCredentials(each)), {
    message: 'must be addresses that begin with https://, without a password, separated by commas',
  })
  .refine((urls) => new Set(urls).size === urls.length, { message: 'has an address twice' });

/**
 * The address of an OpenID Connect issuer, or of another service that is sent secrets: it is https, but for a proxy or an
 * agent on this very machine.
 */
export const openIdIssuer = z
  .string()
  .refine((text) => isUrl(text, ['https:']) || (isUrl(text, ['http:']) && isLoopback(new URL(text).hostname)), {
    message:
      'must be an address that begins with https://, or with http:// on this machine (127.0.0.1, [::1], localhost)',
  })
  .refine((text) => parseUrl(text) === null || isBare(text), {
    message: 'must be an address without a password, ? or #',
  });

/** Where a key service is reached: an address as of an OpenID Connect issuer, where a closing slash means nothing. */
export const keyServiceUrl = openIdIssuer.transform((text) => text.replace(/\/+$/, ''));

/** App ids, separated by commas. */
export const appIds = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform(splitList)
    .refine((ids) => ids.every(isAppId), { message: 'must be app ids, separated by commas' });

/**
 * Which proxies stand before the gate: how many, or their addresses and networks, separated by commas. Only from them is it
 * believed whom a request comes from (`X-Forwarded-For`).
 */
export const proxies = z
  .string()
  .default('')
  .transform((text) => (/^\d$/.test(text) ? Number(text) : splitList(text)))
  .refine((value) => typeof value === 'number' || value.every(isNetwork), {
    message:
      'must be the number of proxies (0 to 9), or their addresses and networks (10.0.0.0/8), separated by commas',
  });

function isNetwork(text: string): boolean {
  const [address = '', bits, ...others] = text.split('/');
  const family = isIP(address);
  if (family === 0 || others.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** Keys that are shown in a header, separated by commas. What is wrong with one does not quote it. */
export const apiKeys = z
  .string()
  .default('')
  .refine((text) => text === '' || splitList(text).length > 0, {
    message: 'has no key in it, and without one everybody is let in: leave it out where that is meant',
  })
  .transform(splitList)
  .refine((keys) => keys.every((key) => /^[\x21-\x7e]{8,256}$/.test(key)), {
    message: 'must be keys of 8 to 256 printable ASCII characters without spaces, separated by commas',
  });

/** One address for mail. */
export const mailbox = z.string().refine(isMailAddress, { message: 'must be a mail address, as store@example.org' });

/** Addresses for mail, separated by commas; as many as one mail may go to. */
export const mailboxes = z
  .string()
  .default('')
  .transform(splitList)
  .refine((all) => all.every(isMailAddress), { message: 'must be mail addresses, separated by commas' })
  .refine((all) => new Set(all).size <= MAX_MAIL_RECIPIENTS, {
    message: `must be at most ${MAX_MAIL_RECIPIENTS} addresses: name a mailing list`,
  });

/** A text that fits into a header of HTTP: printable ASCII without spaces. What is wrong with it does not quote it. */
export const headerText = z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');

/** A name that is one part of an address, as that of a key in Vault or of a bucket; never `..`, which would leave the path. */
export const pathName = z
  .string()
  .regex(/^\w(?:[\w.-]*\w)?$/, 'must be letters, digits, and _, - or dots between them');

/** One or more such names with slashes between them, as Vault's mounts and namespaces. */
export const pathOfNames = z
  .string()
  .refine((text) => text.split('/').every((part) => pathName.safeParse(part).success), {
    message: 'must be names of letters, digits, _, - and dots, with slashes between them',
  });

/** What stands before the keys in a bucket: names with slashes between them, a closing one means nothing. */
export const keyPrefix = z
  .string()
  .transform((text) => text.replace(/\/$/, ''))
  .pipe(pathOfNames);

/** `CODE=mode,CODE=mode` */
export const modes = z
  .string()
  .default('')
  .transform((text, context) => {
    const found: Partial<Record<ConfigurableCode, RuleMode>> = {};
    for (const part of text.split(',').filter((piece) => piece.trim() !== '')) {
      const [code = '', mode = ''] = part.split('=').map((piece) => piece.trim());
      if (code in found) {
        context.addIssue({ code: 'custom', message: `${code} stands there twice` });
      } else if (
        (configurableCodes as readonly string[]).includes(code) &&
        (ruleModes as readonly string[]).includes(mode)
      ) {
        found[code as ConfigurableCode] = mode as RuleMode;
      } else {
        context.addIssue({
          code: 'custom',
          message: `"${part.trim()}" is not CODE=mode with a code of ${configurableCodes.join(', ')} and a mode of ${ruleModes.join(', ')}`,
        });
      }
    }
    return found;
  });

function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function isUrl(text: string, protocols: readonly string[]): boolean {
  return protocols.includes(parseUrl(text)?.protocol ?? '');
}

function hasCredentials(text: string): boolean {
  const { username, password } = new URL(text);
  return username !== '' || password !== '';
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function isBare(text: string): boolean {
  return !hasCredentials(text) && !/[?#]/.test(text);
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
