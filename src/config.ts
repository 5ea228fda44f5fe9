import { parse as parseDotenv } from 'dotenv';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { defaultLimits, type Limits } from './archive/limits.js';
import type { PassphraseSource } from './authority/passphrase.js';
import type { VaultTransit } from './authority/vault-api.js';
import type { StoreRules } from './policy/rules.js';
import type { SecretKeySource } from './sealed-secrets.js';
import type { S3Settings } from './storage/s3-client.js';
import {
  apiKeys,
  appIds,
  baseUrl,
  flag,
  headerText,
  httpsUrls,
  integer,
  wholeNumber,
  keyPrefix,
  keyServiceUrl,
  mailbox,
  mailboxes,
  modes,
  normalBaseUrl,
  openIdIssuer,
  proxies,
  smtpUrl,
  url,
  pathName,
  pathOfNames,
} from './setting-values.js';

/** Every setting of the gate, checked. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** The address under which people and programs reach the gate, without a closing slash. */
  readonly baseUrl: string;
  /** True where `BASE_URL` names it; false for the one made from host and port. */
  readonly baseUrlChosen: boolean;
  /** The proxies before the gate: how many, or their addresses and networks. */
  readonly proxies: number | readonly string[];
  readonly dataDir: string;
  /** Null: the embedded Postgres under {@link dataDir}. */
  readonly databaseUrl: string | null;
  readonly databasePoolSize: number;
  /** The bucket for archives and images; null: they are under {@link dataDir}. */
  readonly s3: S3Settings | null;
  readonly trustDir: string;
  /** True where `TRUST_DIR` names the folder; false for the default under {@link dataDir}. */
  readonly trustDirChosen: boolean;
  /** Where the gate's own authority lies: its certificates and keys. */
  readonly authorityDir: string;
  readonly authorityPassphrase: PassphraseSource;
  /** The key service that holds the issuing key; null where it is a file. */
  readonly vault: VaultTransit | null;
  /** Whether owners of an app that has a certificate may renew it without a moderator. */
  readonly selfRenewal: boolean;
  /** Which releases a revocation puts under quarantine: those since the key was compromised, or all it signed. */
  readonly quarantineOnRevocation: (typeof quarantines)[number];
  /** Where revocation lists of outside authorities are fetched. */
  readonly revocationListUrls: readonly string[];
  /** From this age on an outside revocation list is said to be stale, measured on the time it was made; null: never. */
  readonly revocationListMaxAgeDays: number | null;
  /** How long before their end certificates and revocation lists are warned of. */
  readonly expiryNoticeDays: number;
  /** Within so many days the stored archive of every release is read again. */
  readonly watchDays: number;
  /** Null: no mail is sent. */
  readonly mail: MailSettings | null;
  /** What secrets in the database are sealed with. */
  readonly secretKey: SecretKeySource;
  /** Null: nobody signs in with an OpenID Connect provider. */
  readonly openId: OpenIdSettings | null;
  /** How long a session of the console lasts without being used. */
  readonly sessionIdleMs: number;
  readonly rules: StoreRules;
  readonly reservedAppIds: ReadonlySet<string>;
  readonly market: MarketSettings;
  /** Whether the screenshots that apps declare are fetched, and shown. */
  readonly copiesScreenshots: boolean;
  readonly limits: Limits;
  readonly logLevel: (typeof logLevels)[number];
  /** How long uploads under way may take to finish when the gate is told to stop. */
  readonly shutdownGraceMs: number;
}

/** How mail is sent. */
export interface MailSettings {
  /** `smtp:` or `smtps:`; it may hold a name and a password. */
  readonly smtpUrl: string;
  readonly from: string;
  /** The operators; it may be empty. */
  readonly to: readonly string[];
}

/** What ownCloud's market app is told. */
export interface MarketSettings {
  /** One of them must be shown; empty: nothing is asked for. */
  readonly apiKeys: readonly string[];
  /** Null: there are no bundles. */
  readonly bundlesFile: string | null;
  /** Null: the categories are those of the published apps. */
  readonly categoriesFile: string | null;
}

/** How people sign in with an OpenID Connect provider. */
export interface OpenIdSettings {
  /** The issuer's identifier; its metadata is at `/.well-known/openid-configuration` beneath it. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: { readonly value: string } | { readonly file: string };
  /** What the provider is called on the sign-in page. */
  readonly name: string;
  /** Whether somebody the provider knows and the store doesn't gets an account. */
  readonly signUp: boolean;
}

/** Everything that is wrong with the settings, one line a mistake. */
export class ConfigError extends Error {
  constructor(readonly mistakes: readonly string[]) {
    super(`The settings are not valid:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** Ids that would be taken for the platform itself. */
const RESERVED_BY_DEFAULT = 'owncloud,portcullis,settings';

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;

const quarantines = ['compromised', 'all'] as const;

const GIB = 1024 ** 3;

/** How old a list may be that is fetched every few hours. */
const DEFAULT_LIST_AGE_DAYS = 30;

/** One entry a setting; `.env.example` lists the same ones, which a test checks. */
const settings = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: integer(8080, 0, 65_535),
  BASE_URL: baseUrl.optional(),
  TRUST_PROXY: proxies,
  DATA_DIR: z.string().min(1).default('./data'),
  DATABASE_URL: url(['postgres:', 'postgresql:']).optional(),
  DATABASE_POOL_SIZE: integer(10, 2, 200),
  S3_BUCKET: pathName.optional(),
  S3_PREFIX: keyPrefix.optional(),
  S3_ENDPOINT: baseUrl.optional(),
  S3_PUBLIC_ENDPOINT: baseUrl.optional(),
  S3_REGION: pathName.default('us-east-1'),
  S3_FORCE_PATH_STYLE: flag,
  S3_ACCESS_KEY_ID: headerText.optional(),
  S3_SECRET_ACCESS_KEY: headerText.optional(),
  S3_SECRET_ACCESS_KEY_FILE: z.string().optional(),
  S3_REDIRECTS: z.enum(['on', 'off'], 'must be on or off').default('off'),
  TRUST_DIR: z.string().min(1).optional(),
  AUTHORITY_DIR: z.string().min(1).optional(),
  AUTHORITY_PASSPHRASE: z.string().optional(),
  AUTHORITY_PASSPHRASE_FILE: z.string().optional(),
  VAULT_ADDR: keyServiceUrl.optional(),
  VAULT_TOKEN: headerText.optional(),
  VAULT_TOKEN_FILE: z.string().optional(),
  VAULT_NAMESPACE: pathOfNames.optional(),
  VAULT_TRANSIT_MOUNT: pathOfNames.default('transit'),
  VAULT_TRANSIT_KEY: pathName.optional(),
  SELF_RENEWAL: flag,
  QUARANTINE_ON_REVOCATION: z.enum(quarantines, `must be one of ${quarantines.join(', ')}`).default('compromised'),
  CRL_URLS: httpsUrls,
  CRL_MAX_AGE_DAYS: wholeNumber(1, 3_650).optional(),
  EXPIRY_NOTICE_DAYS: integer(30, 1, 3_650),
  WATCH_DAYS: integer(7, 1, 365),
  SMTP_URL: smtpUrl.optional(),
  MAIL_FROM: mailbox.optional(),
  MAIL_TO: mailboxes,
  SECRET_KEY: z.string().min(32, 'must have at least 32 characters').optional(),
  SECRET_KEY_FILE: z.string().optional(),
  OIDC_ISSUER: openIdIssuer.optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET_FILE: z.string().optional(),
  OIDC_NAME: z.string().trim().min(1).max(60).optional(),
  OIDC_SIGN_UP: flag,
  SESSION_IDLE_MINUTES: integer(12 * 60, 5, 30 * 24 * 60),
  REQUIRE_SIGNATURE: flag,
  RULES: modes,
  RESERVED_APP_IDS: appIds(RESERVED_BY_DEFAULT),
  MARKET_API_KEYS: apiKeys,
  MARKET_BUNDLES: z.string().min(1).optional(),
  MARKET_CATEGORIES: z.string().min(1).optional(),
  SCREENSHOTS: z.enum(['on', 'off'], 'must be on or off').default('on'),
  MAX_ARCHIVE_BYTES: integer(defaultLimits.archiveBytes, 1, 4 * GIB),
  MAX_INFLATED_BYTES: integer(defaultLimits.inflatedBytes, 1, 64 * GIB),
  MAX_FILE_BYTES: integer(defaultLimits.fileBytes, 1, 16 * GIB),
  MAX_ENTRIES: integer(defaultLimits.entries, 1, 1_000_000),
  MAX_RATIO: integer(defaultLimits.ratio, 1, 1_100),
  MAX_PATH_BYTES: integer(defaultLimits.pathBytes, 16, 4_096),
  MAX_PATH_DEPTH: integer(defaultLimits.pathDepth, 2, 256),
  MAX_INFO_XML_BYTES: integer(defaultLimits.infoXmlBytes, 1_024, 16 * 1024 ** 2),
  MAX_SIGNATURE_FILE_BYTES: integer(defaultLimits.signatureFileBytes, 1_024, 64 * 1024 ** 2),
  INSPECTION_TIMEOUT_MS: integer(defaultLimits.inspectionMs, 100, 3_600_000),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
  SHUTDOWN_GRACE_MS: integer(30_000, 0, 600_000),
});

type Settings = z.infer<typeof settings>;

/** The names of all settings. */
export const settingNames = Object.keys(settings.shape);

/**
 * Reads the settings from the environment and, for what is not set there, from the file `.env` in `folder`.
 * An empty value is as good as none.
 *
 * @throws ConfigError with every mistake at once; the value of a setting that may hold a secret is never in it
 */
export function readConfig(environment: NodeJS.ProcessEnv, folder: string): Config {
  const file = join(folder, '.env');
  const fromFile = existsSync(file) ? parseDotenv(readFileSync(file)) : {};
  const given = Object.entries({ ...fromFile, ...environment }).filter(
    ([name, value]) => name in settings.shape && value !== '',
  );
  const values = withoutUnusedVault(Object.fromEntries(given));
  const checked = settings.safeParse(values);
  const wrong = checked.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
  const mistakes = [...wrong, ...findConflicts(values), ...findS3Conflicts(values)];
  if (!checked.success || mistakes.length > 0) throw new ConfigError(mistakes);
  return asConfig(checked.data, folder);
}

type Values = Readonly<Record<string, string | undefined>>;

/** Vault's own programs go by VAULT_ADDR and others too: without a key of ours in it they are none of our business. */
function withoutUnusedVault(values: Values): Values {
  if (values['VAULT_TRANSIT_KEY'] !== undefined) return values;
  return Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith('VAULT_')));
}

/** What is wrong between settings, each of which may be right by itself. */
function findConflicts(values: Values): readonly string[] {
  const has = (name: keyof typeof settings.shape): boolean => values[name] !== undefined;
  const checks: readonly (readonly [boolean, string])[] = [
    [
      !has('BASE_URL') && normalBaseUrl(addressOf(values['HOST'] ?? 'localhost')) === null,
      'BASE_URL: is needed, since no address can be made from HOST',
    ],
    [
      has('AUTHORITY_PASSPHRASE') && has('AUTHORITY_PASSPHRASE_FILE'),
      'AUTHORITY_PASSPHRASE_FILE: stands beside AUTHORITY_PASSPHRASE; give one of them',
    ],
    [has('VAULT_TRANSIT_KEY') && !has('VAULT_ADDR'), 'VAULT_ADDR: is needed for VAULT_TRANSIT_KEY'],
    [
      has('VAULT_TRANSIT_KEY') && !has('VAULT_TOKEN') && !has('VAULT_TOKEN_FILE'),
      'VAULT_TOKEN: one of VAULT_TOKEN and VAULT_TOKEN_FILE is needed for VAULT_TRANSIT_KEY',
    ],
    [has('VAULT_TOKEN') && has('VAULT_TOKEN_FILE'), 'VAULT_TOKEN_FILE: stands beside VAULT_TOKEN; give one of them'],
    [has('SECRET_KEY') && has('SECRET_KEY_FILE'), 'SECRET_KEY_FILE: stands beside SECRET_KEY; give one of them'],
    [has('OIDC_ISSUER') && !has('OIDC_CLIENT_ID'), 'OIDC_CLIENT_ID: is needed for OIDC_ISSUER'],
    [has('OIDC_CLIENT_ID') && !has('OIDC_ISSUER'), 'OIDC_ISSUER: is needed for OIDC_CLIENT_ID'],
    [
      has('OIDC_ISSUER') && !has('OIDC_CLIENT_SECRET') && !has('OIDC_CLIENT_SECRET_FILE'),
      'OIDC_CLIENT_SECRET: one of OIDC_CLIENT_SECRET and OIDC_CLIENT_SECRET_FILE is needed for OIDC_ISSUER',
    ],
    [
      has('OIDC_CLIENT_SECRET') && has('OIDC_CLIENT_SECRET_FILE'),
      'OIDC_CLIENT_SECRET_FILE: stands beside OIDC_CLIENT_SECRET; give one of them',
    ],
    [has('SMTP_URL') && !has('MAIL_FROM'), 'MAIL_FROM: is needed for SMTP_URL'],
    [has('MAIL_FROM') && !has('SMTP_URL'), 'SMTP_URL: is needed for MAIL_FROM'],
    [has('MAIL_TO') && !has('SMTP_URL') && !has('MAIL_FROM'), 'SMTP_URL: is needed for MAIL_TO, and MAIL_FROM with it'],
  ];
  return checks.filter(([holds]) => holds).map(([, mistake]) => mistake);
}

/** What means nothing without a bucket, and has no default. */
const ofABucket = [
  'S3_PREFIX',
  'S3_ENDPOINT',
  'S3_PUBLIC_ENDPOINT',
  'S3_ACCESS_KEY_ID',
  'S3_SECRET_ACCESS_KEY',
  'S3_SECRET_ACCESS_KEY_FILE',
] as const;

function findS3Conflicts(values: Values): readonly string[] {
  const has = (name: keyof typeof settings.shape): boolean => values[name] !== undefined;
  const hasSecret = has('S3_SECRET_ACCESS_KEY') || has('S3_SECRET_ACCESS_KEY_FILE');
  // A bucket's name that was mistyped must not put the archives into a folder that nobody looks at.
  const surplus = values['S3_REDIRECTS'] === 'on' ? ([...ofABucket, 'S3_REDIRECTS'] as const) : ofABucket;
  const lonely = has('S3_BUCKET') ? undefined : surplus.find(has);
  const checks: readonly (readonly [boolean, string])[] = [
    [lonely !== undefined, `S3_BUCKET: is needed for ${lonely ?? ''}`],
    [
      has('S3_ACCESS_KEY_ID') && !hasSecret,
      'S3_SECRET_ACCESS_KEY: one of S3_SECRET_ACCESS_KEY and S3_SECRET_ACCESS_KEY_FILE is needed for S3_ACCESS_KEY_ID',
    ],
    [hasSecret && !has('S3_ACCESS_KEY_ID'), 'S3_ACCESS_KEY_ID: is needed for the secret access key'],
    [
      has('S3_SECRET_ACCESS_KEY') && has('S3_SECRET_ACCESS_KEY_FILE'),
      'S3_SECRET_ACCESS_KEY_FILE: stands beside S3_SECRET_ACCESS_KEY; give one of them',
    ],
  ];
  return checks.filter(([holds]) => holds).map(([, mistake]) => mistake);
}

function addressOf(host: string): string {
  return `http://${host.includes(':') ? `[${host}]` : host}`;
}

function asConfig(env: Settings, folder: string): Config {
  const dataDir = resolve(folder, env.DATA_DIR);
  return {
    host: env.HOST,
    port: env.PORT,
    baseUrl: env.BASE_URL ?? `${addressOf(env.HOST)}:${env.PORT}`,
    baseUrlChosen: env.BASE_URL !== undefined,
    proxies: env.TRUST_PROXY,
    dataDir,
    databaseUrl: env.DATABASE_URL ?? null,
    databasePoolSize: env.DATABASE_POOL_SIZE,
    s3: s3Settings(env, folder),
    trustDir: env.TRUST_DIR === undefined ? join(dataDir, 'trust') : resolve(folder, env.TRUST_DIR),
    trustDirChosen: env.TRUST_DIR !== undefined,
    authorityDir: env.AUTHORITY_DIR === undefined ? join(dataDir, 'authority') : resolve(folder, env.AUTHORITY_DIR),
    authorityPassphrase: passphraseSetting(env, folder, dataDir),
    vault: vaultSettings(env, folder),
    selfRenewal: env.SELF_RENEWAL,
    quarantineOnRevocation: env.QUARANTINE_ON_REVOCATION,
    revocationListUrls: env.CRL_URLS,
    // Where lists are fetched, old ones are a sign of trouble; elsewhere they are as the operator keeps them.
    revocationListMaxAgeDays: env.CRL_MAX_AGE_DAYS ?? (env.CRL_URLS.length > 0 ? DEFAULT_LIST_AGE_DAYS : null),
    expiryNoticeDays: env.EXPIRY_NOTICE_DAYS,
    watchDays: env.WATCH_DAYS,
    mail:
      env.SMTP_URL === undefined || env.MAIL_FROM === undefined
        ? null
        : { smtpUrl: env.SMTP_URL, from: env.MAIL_FROM, to: env.MAIL_TO },
    secretKey: secretKeySetting(env, folder, dataDir),
    openId: openIdSettings(env, folder),
    sessionIdleMs: env.SESSION_IDLE_MINUTES * 60_000,
    rules: { requireSignature: env.REQUIRE_SIGNATURE, modes: env.RULES },
    reservedAppIds: new Set(['core', ...env.RESERVED_APP_IDS]),
    market: {
      apiKeys: env.MARKET_API_KEYS,
      bundlesFile: env.MARKET_BUNDLES === undefined ? null : resolve(folder, env.MARKET_BUNDLES),
      categoriesFile: env.MARKET_CATEGORIES === undefined ? null : resolve(folder, env.MARKET_CATEGORIES),
    },
    copiesScreenshots: env.SCREENSHOTS === 'on',
    limits: {
      archiveBytes: env.MAX_ARCHIVE_BYTES,
      inflatedBytes: env.MAX_INFLATED_BYTES,
      fileBytes: env.MAX_FILE_BYTES,
      entries: env.MAX_ENTRIES,
      ratio: env.MAX_RATIO,
      pathBytes: env.MAX_PATH_BYTES,
      pathDepth: env.MAX_PATH_DEPTH,
      infoXmlBytes: env.MAX_INFO_XML_BYTES,
      signatureFileBytes: env.MAX_SIGNATURE_FILE_BYTES,
      inspectionMs: env.INSPECTION_TIMEOUT_MS,
    },
    logLevel: env.LOG_LEVEL,
    shutdownGraceMs: env.SHUTDOWN_GRACE_MS,
  };
}

function passphraseSetting(env: Settings, folder: string, dataDir: string): PassphraseSource {
  if (env.AUTHORITY_PASSPHRASE !== undefined) return { value: env.AUTHORITY_PASSPHRASE };
  const chosen = env.AUTHORITY_PASSPHRASE_FILE;
  if (chosen !== undefined) return { file: resolve(folder, chosen), isChosen: true };
  return { file: join(dataDir, 'authority-passphrase'), isChosen: false };
}

function secretKeySetting(env: Settings, folder: string, dataDir: string): SecretKeySource {
  if (env.SECRET_KEY !== undefined) return { value: env.SECRET_KEY };
  const chosen = env.SECRET_KEY_FILE;
  if (chosen !== undefined) return { file: resolve(folder, chosen), isChosen: true };
  return { file: join(dataDir, 'secret-key'), isChosen: false };
}

function openIdSettings(env: Settings, folder: string): OpenIdSettings | null {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: value } = env;
  if (issuer === undefined || clientId === undefined) return null;
  return {
    issuer,
    clientId,
    clientSecret: value === undefined ? { file: resolve(folder, env.OIDC_CLIENT_SECRET_FILE ?? '') } : { value },
    name: env.OIDC_NAME ?? new URL(issuer).host,
    signUp: env.OIDC_SIGN_UP,
  };
}

function s3Settings(env: Settings, folder: string): S3Settings | null {
  const { S3_BUCKET: bucket, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: value } = env;
  if (bucket === undefined) return null;
  const secretAccessKey =
    value === undefined ? { file: resolve(folder, env.S3_SECRET_ACCESS_KEY_FILE ?? '') } : { value };
  return {
    bucket,
    prefix: env.S3_PREFIX ?? '',
    endpoint: env.S3_ENDPOINT ?? null,
    publicEndpoint: env.S3_PUBLIC_ENDPOINT ?? null,
    region: env.S3_REGION,
    forcePathStyle: env.S3_FORCE_PATH_STYLE,
    credentials: accessKeyId === undefined ? null : { accessKeyId, secretAccessKey },
    redirects: env.S3_REDIRECTS === 'on',
  };
}

function vaultSettings(env: Settings, folder: string): VaultTransit | null {
  const { VAULT_ADDR: address, VAULT_TOKEN: value, VAULT_TOKEN_FILE: file = '', VAULT_TRANSIT_KEY: transitKey } = env;
  if (address === undefined || transitKey === undefined) return null;
  return {
    address,
    token: value === undefined ? { file: resolve(folder, file) } : { value },
    namespace: env.VAULT_NAMESPACE ?? null,
    transitMount: env.VAULT_TRANSIT_MOUNT,
    transitKey,
  };
}
