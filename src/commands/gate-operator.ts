import type { Caller } from '../accounts/caller.js';
import { openAuthorityParts, wireGate } from '../compose.js';
import { readConfig } from '../config.js';
import type { Gate } from '../gate.js';
import { createSecretSealer, readSecretKey } from '../sealed-secrets.js';
import type { ExitCode, Terminal } from './command.js';
import { asOperator, quietLog } from './operator.js';

/** What an operator's command works with that needs more of the gate than its database: its archives, its trust. */
export interface GateOperator {
  readonly gate: Gate;
  readonly caller: Caller;
}

/**
 * Runs an operator's command with the parts of the gate that the settings name, beside a running gate or without one.
 *
 * @returns what `work` returns; 1 where a rule of the store is against it, which is said
 * @throws as `asOperator`
 */
export async function asGateOperator(
  terminal: Terminal,
  work: (operator: GateOperator) => Promise<ExitCode>,
): Promise<ExitCode> {
  return asOperator(terminal, false, async ({ database, caller }) => {
    const config = readConfig(terminal.environment, terminal.workingFolder);
    const secrets = createSecretSealer(await readSecretKey(config.secretKey));
    const parts = { ...openAuthorityParts(config, database, quietLog(terminal)), now: terminal.now };
    return work({ gate: wireGate(config, parts, secrets), caller });
  });
}
