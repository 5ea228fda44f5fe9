import { findApp, historyOfApp, type AppRow } from '../database/apps.js';
import type { Gate } from '../gate.js';
import type { TrustLevel } from '../policy/trust-level.js';
import { requireAppId } from './ownership.js';

/** What the next upload of an app will need, and why. */
export interface Requirements {
  readonly appId: string;
  readonly trustLevel: TrustLevel;
  /** Since when the app takes no uploads, and why; null where it isn't suspended. */
  readonly suspended: { readonly since: string; readonly reason: string } | null;
  readonly signature: {
    readonly required: boolean;
    /** The finding that an unsigned upload would get; null where none. */
    readonly reason: 'OFFICIAL_APP_UNSIGNED' | 'SIGNATURE_DROPPED' | 'SIGNING_REQUIRED' | null;
    /** The first signed release, which asks for a signature ever since. */
    readonly because: { readonly version: string; readonly publishedAt: string } | null;
  };
}

/** Tells what the next upload of an app will need; an app nobody knows yet needs what any new one does. */
export async function readRequirements(gate: Gate, appId: string): Promise<Requirements> {
  requireAppId(appId);
  const app = await findApp(gate.database, appId);
  const { trustLevel, firstSigned } =
    app === null ? ({ trustLevel: 'experimental', firstSigned: null } as const) : historyOfApp(app);
  const reason =
    trustLevel === 'official'
      ? 'OFFICIAL_APP_UNSIGNED'
      : firstSigned !== null
        ? 'SIGNATURE_DROPPED'
        : gate.rules.requireSignature
          ? 'SIGNING_REQUIRED'
          : null;
  const suspended = app === null ? null : suspensionOf(app);
  return { appId, trustLevel, suspended, signature: { required: reason !== null, reason, because: firstSigned } };
}

/** Since when an app is suspended and why, for everybody; null where it isn't. */
export function suspensionOf({
  suspendedAt,
  suspensionReason,
}: Pick<AppRow, 'suspendedAt' | 'suspensionReason'>): Requirements['suspended'] {
  return suspendedAt === null ? null : { since: suspendedAt.toISOString(), reason: suspensionReason ?? '' };
}
