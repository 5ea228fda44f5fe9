import { createHash } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import {
  confirmTotpSecret,
  findAccountSecrets,
  lockAccountSecrets,
  setTotpSecret,
  spendTotpStep,
  type AccountSecretsRow,
} from '../database/account-secrets.js';
import type { Account } from '../database/accounts.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import { countRecoveryCodes, replaceRecoveryCodes, spendRecoveryCode } from '../database/recovery-codes.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { SealError } from '../sealed-secrets.js';
import { beginTry } from './attempts.js';
import { requirePassword, requireSamePassword } from './own-hand.js';
import { auditAccount, dropSecondFactor } from './passwords.js';
import type { Session } from './sessions.js';
import { triesOfSecondFactor } from './sign-in-bounds.js';
import { requireLiveToken } from './tokens.js';

/** What every authenticator app reads (RFC 6238 with the values of §5.2 and RFC 4226 §5.3); some read nothing else. */
const TOTP_PARAMETERS = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
/** RFC 4226 §4 R6: as long as the hash. */
const SECRET_BYTES = 20;
/** A clock may be so many steps ahead or behind, RFC 6238 §5.2. */
const DRIFT_STEPS = 1;

const RECOVERY_CODES = 10;
/** 80 bits each: no slow hash is needed to keep them. */
const RECOVERY_CODE_BYTES = 10;

/**
 * The first step to a second factor: a new secret, which counts for nothing until a value of it was given to
 * {@link confirmSecondFactor}. Asked again, there is another, and the one before is forgotten.
 *
 * @param proof.password the account's: with a stolen session alone, its owner would be kept out; null where there is none
 * @returns `uri`, for a QR code, and `secret`, to be typed in (base 32)
 * @throws RequestError `SIGN_IN_FAILED`, `TOO_MANY_ATTEMPTS`, `INVALID_REQUEST` where there is a second factor already, or no
 *   password that it would be second to
 */
export async function beginSecondFactor(
  gate: Gate,
  session: Session,
  { password }: { readonly password: string | null },
): Promise<{ readonly uri: string; readonly secret: string }> {
  const account = accountOf(session);
  const known = await requirePassword(gate, account, password);
  const secret = new Secret({ buffer: new Uint8Array(gate.randomBytes(SECRET_BYTES)).buffer });
  await inTransaction(gate.database, async (tx) => {
    const secrets = await requireSamePassword(tx, account, known);
    await requireLiveToken(tx, session.caller, gate.now());
    requireRoomForSecondFactor(secrets);
    await setTotpSecret(tx, account.id, gate.secrets.seal(secret.base32, purposeFor(account)));
  });
  const issuer = new URL(gate.baseUrl).hostname;
  return {
    uri: new TOTP({ ...TOTP_PARAMETERS, issuer, label: account.name, secret }).toString(),
    secret: secret.base32,
  };
}

/**
 * The last step to a second factor: a value shows that the app has the secret. From now on sign-in with a password asks for one.
 *
 * @returns codes for who loses their second factor, each good once; shown this once
 * @throws RequestError `SIGN_IN_FAILED` where the value is wrong, `INVALID_REQUEST` where nothing was begun, `TOO_MANY_ATTEMPTS`
 */
export async function confirmSecondFactor(
  gate: Gate,
  session: Session,
  code: string,
): Promise<{ readonly recoveryCodes: readonly string[] }> {
  const account = accountOf(session);
  return countingCode(gate, account, async (tx) => {
    const secrets = await lockAccountSecrets(tx, account.id);
    await requireLiveToken(tx, session.caller, gate.now());
    requireRoomForSecondFactor(secrets);
    if (secrets.totpSecret === null) {
      throw new RequestError('INVALID_REQUEST', 'No second factor was begun for this account.');
    }
    if (!(await spendTotp(tx, gate, account, secrets, code))) return null;
    const recoveryCodes = Array.from({ length: RECOVERY_CODES }, () =>
      recoveryCodeOf(gate.randomBytes(RECOVERY_CODE_BYTES)),
    );
    await confirmTotpSecret(tx, account.id, gate.now());
    await replaceRecoveryCodes(tx, account.id, recoveryCodes.map(hashRecoveryCode));
    await auditAccount(tx, account, { kind: 'account-second-factor-added', by: account.id });
    return { recoveryCodes };
  });
}

/**
 * Takes the second factor away. The session alone is not enough: the password, or a value of the second factor or a recovery
 * code, is asked for.
 *
 * @throws RequestError `SIGN_IN_FAILED`, `TOO_MANY_ATTEMPTS`, or `INVALID_REQUEST` where there is none
 */
export async function removeSecondFactor(
  gate: Gate,
  session: Session,
  proof: { readonly password: string } | { readonly code: string },
): Promise<void> {
  const account = accountOf(session);
  const { totpConfirmedAt } = await findAccountSecrets(gate.database, account.id);
  if (totpConfirmedAt === null) throw new RequestError('INVALID_REQUEST', 'This account has no second factor.');
  const remove = async (tx: Transaction): Promise<void> => {
    await requireLiveToken(tx, session.caller, gate.now());
    await dropSecondFactor(tx, account, account.id);
  };
  if ('code' in proof) {
    await countingCode(gate, account, async (tx) => {
      if (!(await spendSecondFactor(tx, gate, account, proof.code))) return null;
      await remove(tx);
      return true;
    });
    return;
  }
  const known = await requirePassword(gate, account, proof.password);
  await inTransaction(gate.database, async (tx) => {
    const secrets = await lockAccountSecrets(tx, account.id);
    if (secrets.passwordHash !== known || secrets.totpConfirmedAt === null) {
      throw new RequestError('SIGN_IN_FAILED', 'The password or the second factor was changed meanwhile.');
    }
    await remove(tx);
  });
}

/**
 * Uses up a value of the account's second factor, or one of its recovery codes; false where it is neither, or was used. Holds
 * the account's secrets until the transaction ends.
 *
 * @throws RequestError `UNAVAILABLE` where the secret was sealed with another key; recovery codes work on
 */
export async function spendSecondFactor(
  tx: Transaction,
  gate: Pick<Gate, 'now' | 'secrets' | 'log'>,
  account: Account,
  code: string,
): Promise<boolean> {
  const secrets = await lockAccountSecrets(tx, account.id);
  if (secrets.totpConfirmedAt === null) return false;
  if (isTotpValue(code)) return spendTotp(tx, gate, account, secrets, code);
  if (!(await spendRecoveryCode(tx, account.id, hashRecoveryCode(code), gate.now()))) return false;
  const left = await countRecoveryCodes(tx, account.id);
  await auditAccount(tx, account, { kind: 'account-recovery-code-used', by: account.id, after: { left } });
  return true;
}

/**
 * Does `work` in a transaction, counting it as a failure where it finds the code wrong (null).
 *
 * @throws RequestError `SIGN_IN_FAILED` for a wrong code, `TOO_MANY_ATTEMPTS`, or what `work` throws
 */
export async function countingCode<T>(
  gate: Gate,
  account: Account,
  work: (tx: Transaction) => Promise<T | null>,
): Promise<T> {
  const counted = await beginTry(gate.database, triesOfSecondFactor(account), gate.now());
  const done = await inTransaction(gate.database, work).catch(async (error: unknown) => {
    await counted.forget();
    throw error;
  });
  if (done === null) throw new RequestError('SIGN_IN_FAILED', 'The code is wrong, or was used already.');
  await counted.succeed();
  return done;
}

/** The step of time of which `code` is the value, at most one before or after that of `at`; null where it is none. */
export function totpStepOf(secretBase32: string, code: string, at: Date): number | null {
  if (!isTotpValue(code)) return null;
  const timestamp = at.getTime();
  const delta = TOTP.validate({
    ...TOTP_PARAMETERS,
    secret: Secret.fromBase32(secretBase32),
    token: withoutSpaces(code),
    timestamp,
    window: DRIFT_STEPS,
  });
  return delta === null ? null : TOTP.counter({ period: TOTP_PARAMETERS.period, timestamp }) + delta;
}

async function spendTotp(
  tx: Transaction,
  gate: Pick<Gate, 'now' | 'secrets' | 'log'>,
  account: Account,
  { totpSecret }: AccountSecretsRow,
  code: string,
): Promise<boolean> {
  if (totpSecret === null) return false;
  const step = totpStepOf(openSecret(gate, account, totpSecret), code, gate.now());
  return step !== null && spendTotpStep(tx, account.id, step);
}

function openSecret({ secrets, log }: Pick<Gate, 'secrets' | 'log'>, account: Account, sealed: Buffer): string {
  try {
    return secrets.open(sealed, purposeFor(account));
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    log.warn({ account: account.name, reason: error.message }, 'a second factor cannot be read');
    throw new RequestError(
      'UNAVAILABLE',
      'The store cannot read the second factor of this account; use a recovery code, or ask an operator.',
    );
  }
}

/** A secret that is moved to another account's row does not open there. */
function purposeFor({ id }: Account): string {
  return `second factor of account ${id}`;
}

function requireRoomForSecondFactor({ passwordHash, totpConfirmedAt }: AccountSecretsRow): void {
  if (passwordHash === null) {
    throw new RequestError('INVALID_REQUEST', 'A second factor is asked for with a password; set one first.');
  }
  if (totpConfirmedAt !== null) {
    throw new RequestError('INVALID_REQUEST', 'This account has a second factor; remove it first.');
  }
}

function isTotpValue(code: string): boolean {
  return /^\d{6}$/.test(withoutSpaces(code));
}

/** Apps show values, and people write down codes, in groups. */
function withoutSpaces(code: string): string {
  return code.slice(0, 100).replace(/[\s-]/g, '');
}

/** As it is shown: base 32 in groups of four, `abcd-efgh-ijkl-mnop`. */
function recoveryCodeOf(bytes: Buffer): string {
  const text = new Secret({ buffer: new Uint8Array(bytes).buffer }).base32.toLowerCase();
  return (text.match(/.{1,4}/g) ?? []).join('-');
}

function hashRecoveryCode(code: string): Buffer {
  return createHash('sha256').update(withoutSpaces(code).toLowerCase()).digest();
}

function accountOf({ caller }: Session): Account {
  return { id: caller.accountId, name: caller.accountName };
}
