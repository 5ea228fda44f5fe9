import { parse as parseDotenv } from 'dotenv';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { isAppId } from './app/app-id.js';
import { defaultLimits, type Limits } from './archive/limits.js';
import { configurableCodes, ruleModes, type RuleMode, type StoreRules } from './policy/rules.js';
import type { ConfigurableCode } from './report/catalogue.js';

/** Every setting of the gate, checked. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** The address under which people and programs reach the gate, without a closing slash. */
  readonly baseUrl: string;
  readonly dataDir: string;
  /** Null: the embedded Postgres under {@link dataDir}. */
  readonly databaseUrl: string | null;
  readonly databasePoolSize: number;
  readonly trustDir: string;
  /** True where `TRUST_DIR` names the folder; false for the default under {@link dataDir}. */
  readonly trustDirChosen: boolean;
  readonly rules: StoreRules;
  readonly reservedAppIds: ReadonlySet<string>;
  readonly limits: Limits;
  readonly logLevel: (typeof logLevels)[number];
  /** How long uploads under way may take to finish when the gate is told to stop. */
  readonly shutdownGraceMs: number;
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

const integer = (fallback: number, min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
    .default(fallback);

const flag = z
  .enum(['true', 'false', '1', '0'], 'must be true or false')
  .transform((text) => text === 'true' || text === '1')
  .default(false);

const url = (protocols: readonly string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    message: `must be an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  });

const appIds = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text) =>
      text
        .split(',')
        .map((id) => id.trim())
        .filter((id) => id !== ''),
    )
    .refine((ids) => ids.every(isAppId), { message: 'must be app ids, separated by commas' });

/** `CODE=mode,CODE=mode` */
const modes = z
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

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;

const GIB = 1024 ** 3;

/** One entry a setting; `.env.example` lists the same ones, which a test checks. */
const settings = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: integer(8080, 0, 65_535),
  BASE_URL: url(['http:', 'https:']).optional(),
  DATA_DIR: z.string().min(1).default('./data'),
  DATABASE_URL: url(['postgres:', 'postgresql:']).optional(),
  DATABASE_POOL_SIZE: integer(10, 2, 200),
  TRUST_DIR: z.string().min(1).optional(),
  REQUIRE_SIGNATURE: flag,
  RULES: modes,
  RESERVED_APP_IDS: appIds(RESERVED_BY_DEFAULT),
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

/** The names of all settings. */
export const settingNames = Object.keys(settings.shape);

/**
 * Reads the settings from the environment and, for what is not set there, from the file `.env` in `folder`.
 * An empty value is as good as none.
 *
 * @throws ConfigError with every mistake at once; the value of DATABASE_URL, which may hold a password, is never in it
 */
export function readConfig(environment: NodeJS.ProcessEnv, folder: string): Config {
  const file = join(folder, '.env');
  const fromFile = existsSync(file) ? parseDotenv(readFileSync(file)) : {};
  const given = Object.entries({ ...fromFile, ...environment }).filter(
    ([name, value]) => name in settings.shape && value !== '',
  );
  const checked = settings.safeParse(Object.fromEntries(given));
  if (!checked.success) {
    throw new ConfigError(checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
  }
  return asConfig(checked.data, folder);
}

function asConfig(env: z.infer<typeof settings>, folder: string): Config {
  const dataDir = resolve(folder, env.DATA_DIR);
  return {
    host: env.HOST,
    port: env.PORT,
    baseUrl: (env.BASE_URL ?? `http://${env.HOST.includes(':') ? `[${env.HOST}]` : env.HOST}:${env.PORT}`).replace(
      /\/+$/,
      '',
    ),
    dataDir,
    databaseUrl: env.DATABASE_URL ?? null,
    databasePoolSize: env.DATABASE_POOL_SIZE,
    trustDir: env.TRUST_DIR === undefined ? join(dataDir, 'trust') : resolve(folder, env.TRUST_DIR),
    trustDirChosen: env.TRUST_DIR !== undefined,
    rules: { requireSignature: env.REQUIRE_SIGNATURE, modes: env.RULES },
    reservedAppIds: new Set(['core', ...env.RESERVED_APP_IDS]),
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
