import type { TrustLevel } from '../../policy/trust-level.js';
import type { FindingCode } from '../../report/catalogue.js';
import { CODE_PATH, type DemoApp, type Signer } from './demo-app.js';

/** An upload, and what must become of it. */
export interface Attempt {
  readonly kind: 'upload';
  /** What is tried, in one line. */
  readonly told: string;
  readonly app: DemoApp;
  readonly expected: Expected;
}

/** `accepted`, or refused because of one finding, and of which file where it is about one. */
export type Expected = 'accepted' | { readonly code: FindingCode; readonly path?: string };

/** The operator changes how much the store vouches for an app. */
export interface LevelChange {
  readonly kind: 'level';
  readonly told: string;
  readonly appId: string;
  readonly trustLevel: TrustLevel;
}

/** Whoever signs in the story. */
export interface Cast {
  readonly calendar: Signer;
  readonly notes: Signer;
}

/** The whole story: what the gate is for, in the order in which it is best understood. */
export function story({ calendar, notes }: Cast): readonly (Attempt | LevelChange)[] {
  return [
    attempt('A new app, experimental and unsigned', app('calendar', '1.0.0', null), 'accepted'),
    level('The store makes calendar an official app.', 'calendar', 'official'),
    attempt('Its update, still unsigned', app('calendar', '1.1.0', null), { code: 'OFFICIAL_APP_UNSIGNED' }),
    attempt('The same update, signed', app('calendar', '1.1.0', calendar), 'accepted'),
    attempt(
      'A signed update in which somebody changed a file afterwards',
      { ...app('calendar', '1.2.0', calendar), tampering: { [CODE_PATH]: 'fetch("https://evil.example/");\n' } },
      { code: 'INVALID_HASH', path: CODE_PATH },
    ),
    attempt('An update signed with the certificate of another app', app('calendar', '1.2.0', notes), {
      code: 'CN_MISMATCH',
    }),
    level('Another app, notes, is official for a while …', 'notes', 'official'),
    attempt('Its first release, signed as it must be', app('notes', '1.0.0', notes), 'accepted'),
    level('… and is back at experimental, where no signature is asked for.', 'notes', 'experimental'),
    attempt('Its update, unsigned: but it was signed once', app('notes', '1.1.0', null), { code: 'SIGNATURE_DROPPED' }),
  ];
}

function app(id: string, version: string, signer: Signer | null): DemoApp {
  return { id, version, signer };
}

function attempt(told: string, demoApp: DemoApp, expected: Expected): Attempt {
  return { kind: 'upload', told, app: demoApp, expected };
}

function level(told: string, appId: string, trustLevel: TrustLevel): LevelChange {
  return { kind: 'level', told, appId, trustLevel };
}
