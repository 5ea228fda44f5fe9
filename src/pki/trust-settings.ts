import { z } from 'zod';

/** Which rules hold below a root: the old ones of format 1, or today's. */
export type Generation = 'legacy' | 'current';

/** The ways to sign a manifest that a root may allow below it. */
export type ManifestAlgorithm = (typeof manifestAlgorithms)[number];

const manifestAlgorithms = ['rsa-pss-sha1', 'rsa-pss-sha384', 'ecdsa-p384-sha384'] as const;

/** What is decided for a root, apart from its certificate. */
export interface RootSettings {
  readonly generation: Generation;
  readonly algorithms: readonly ManifestAlgorithm[];
  /** False: the dates of authorities don't count, and an expired leaf is let pass until `acceptedUntil`. */
  readonly enforceTimes: boolean;
  /** The root's sunset: after it nothing below the root is accepted. Null: none. */
  readonly acceptedUntil: Date | null;
}

/** The contents of `trust.json`. */
export interface TrustSettings {
  readonly coreMaySignApps: boolean;
  /** By file name in `roots/`: what differs from the defaults. */
  readonly roots: ReadonlyMap<string, Partial<RootSettings>>;
}

/** When ownCloud stops accepting what its first authority signed. */
const legacySunset = new Date('2026-12-31T23:59:59Z');

const schema = z.strictObject({
  coreMaySignApps: z.boolean().optional(),
  roots: z
    .record(
      z.string(),
      z.strictObject({
        generation: z.enum(['legacy', 'current']).optional(),
        algorithms: z.array(z.enum(manifestAlgorithms)).min(1).optional(),
        enforceTimes: z.boolean().optional(),
        acceptedUntil: z.iso
          .datetime({ offset: true })
          .transform((text) => new Date(text))
          .nullable()
          .optional(),
      }),
    )
    .optional(),
});

export const defaultTrustSettings: TrustSettings = { coreMaySignApps: false, roots: new Map() };

/**
 * Reads the text of a `trust.json`. A member that is not known is a mistake, never passed over: it would be a
 * restriction that the operator believes in and nobody applies. Returns the problems as sentences.
 */
export function parseTrustSettings(text: string): TrustSettings | { readonly problems: readonly string[] } {
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) {
    return { problems: parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`) };
  }
  const roots = Object.entries(parsed.data.roots ?? {}).map(
    ([file, settings]) => [file, withoutAbsent(settings)] as const,
  );
  return { coreMaySignApps: parsed.data.coreMaySignApps ?? false, roots: new Map(roots) };
}

/** The settings of the root in a file: those of its generation, which goes by the file's name, unless told otherwise. */
export function rootSettings(file: string, told: Partial<RootSettings> = {}): RootSettings {
  const generation = told.generation ?? (file.startsWith('root-g1') ? 'legacy' : 'current');
  const defaults: RootSettings =
    generation === 'legacy'
      ? { generation, algorithms: ['rsa-pss-sha1'], enforceTimes: false, acceptedUntil: legacySunset }
      : { generation, algorithms: manifestAlgorithms, enforceTimes: true, acceptedUntil: null };
  return { ...defaults, ...told };
}

function withoutAbsent(settings: { [K in keyof RootSettings]?: RootSettings[K] | undefined }): Partial<RootSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** Text that is not JSON comes out as something that the schema refuses. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
