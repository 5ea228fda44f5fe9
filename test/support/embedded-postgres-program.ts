// A program with a share in the Postgres of a data folder, as the gate and the operator commands are; tests start it under other
// accounts and environments, several at once, and kill it. Usage: node --import ./typescript.mjs this-file DATA_DIR [durable]
// It prints one line of JSON, and gives its share back when its standard input ends.
import { once } from 'node:events';

import { EmbeddedPostgresError, startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';

try {
  const [, , dataDir = '', mode] = process.argv;
  const postgres = await startEmbeddedPostgres({ dataDir, durable: mode === 'durable' });
  console.log(JSON.stringify({ connectionString: postgres.connectionString }));
  await once(process.stdin.resume(), 'end');
  await postgres.stop();
} catch (error) {
  if (!(error instanceof EmbeddedPostgresError)) throw error;
  console.log(JSON.stringify({ refusal: error.message }));
}
