import { pino, type Logger } from 'pino';
import { ConfigError, readConfig, type Config } from './config.js';
import { operatorTokenFile, serve, type RunningServer } from './serve.js';

/** Starts the gate and stops it on SIGTERM or SIGINT. Exit 2: the settings are wrong; 1: it could not start, or stop. */
async function main(): Promise<void> {
  const config = readConfigOrExit();
  const log = pino({ level: config.logLevel });
  // Before anything starts: a start that was cut short would leave its Postgres running.
  const toldToStop = stopSignal();
  const server = await startOrComplain(config, log);
  if (server === null) return;
  log.info({ address: server.address }, 'listening');
  if (server.firstStart) greet(config, server.address);
  await toldToStop;
  log.info('stopping');
  try {
    await server.stop();
    log.info('stopped');
  } catch (error) {
    log.error({ err: error }, 'stopping failed');
    process.exitCode = 1;
  }
}

async function startOrComplain(config: Config, log: Logger): Promise<RunningServer | null> {
  try {
    return await serve(config, log);
  } catch (error) {
    if (error instanceof ConfigError) return complainOf(error);
    // Only the words: a stack says nothing to an operator whose port is taken.
    process.stderr.write(`Portcullis could not start: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
    return null;
  }
}

function readConfigOrExit(): Config {
  try {
    return readConfig(process.env, process.cwd());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return complainOf(error);
  }
}

function complainOf(error: ConfigError): never {
  process.stderr.write(`${error.message}\nSee .env.example for every setting.\n`);
  process.exit(2);
}

/** npm hands Ctrl-C on to us beside the terminal: a second signal this soon is the same one. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Resolves at the first signal to stop. From now on no signal of these ends the process by itself, but for another one
 * later on: whoever sends that is tired of waiting.
 */
async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    let first = 0;
    const onSignal = (): void => {
      if (first === 0) first = performance.now();
      else if (performance.now() - first > SAME_SIGNAL_MS) process.exit(1);
      resolve();
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal);
  });
}

function greet(config: Config, address: string): void {
  process.stdout.write(`
  Portcullis guards the gate at ${address}

  This first start made an operator token, which may do everything. It is in
  ${operatorTokenFile(config)} (readable only to its owner).

    export TOKEN=$(cat ${JSON.stringify(operatorTokenFile(config))})
    curl -F archive=@calendar.zip -H "Authorization: Bearer $TOKEN" \\
      ${address}/api/v1/apps/calendar/releases
    export PORTCULLIS_URL=${address}    # for portcullis upload, validate and status

  The console, for people: ${config.baseUrl}/console. Whoever is to come in first
  opens the one-time link that this prints, where the gate runs:

    portcullis account invite NAME --role administrator

  The API: ${address}/docs

`);
}

await main();
