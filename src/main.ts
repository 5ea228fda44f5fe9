import { pino } from 'pino';
import { ConfigError, readConfig, type Config } from './config.js';
import { operatorTokenFile, serve } from './serve.js';

/** Starts the gate and stops it on SIGTERM or SIGINT. Exit 2: the settings are wrong; 1: it could not start. */
async function main(): Promise<void> {
  const config = readConfigOrExit();
  const log = pino({ level: config.logLevel });
  try {
    const server = await serve(config, log);
    log.info({ address: server.address }, 'listening');
    if (server.firstStart) greet(config, server.address);
    stopOnSignals(async () => {
      log.info('stopping');
      await server.stop();
      log.info('stopped');
    }, log.error.bind(log));
  } catch (error) {
    // Only the words: a stack says nothing to an operator whose port is taken.
    process.stderr.write(`Portcullis could not start: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

function readConfigOrExit(): Config {
  try {
    return readConfig(process.env, process.cwd());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\nSee .env.example for every setting.\n`);
    process.exit(2);
  }
}

function stopOnSignals(stop: () => Promise<void>, complain: (details: object, message: string) => void): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // npm hands Ctrl-C on to us beside the terminal: the second of the pair must not cut the stopping short.
      if (stopping) return;
      stopping = true;
      stop().catch((error: unknown) => {
        complain({ err: error }, 'stopping failed');
        process.exitCode = 1;
      });
    });
  }
}

function greet(config: Config, address: string): void {
  process.stdout.write(`
  Portcullis guards the gate at ${address}

  This first start made an operator token, which may do everything. It is in
  ${operatorTokenFile(config)} (readable only to its owner).

    export TOKEN=$(cat ${JSON.stringify(operatorTokenFile(config))})
    curl -F archive=@calendar.zip -H "Authorization: Bearer $TOKEN" \\
      ${address}/api/v1/apps/calendar/releases

  The API for people: ${address}/docs

`);
}

await main();
