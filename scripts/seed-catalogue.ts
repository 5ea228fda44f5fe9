// Fills an empty store with a large catalogue, for measuring: `npm run seed -- --apps 100000 --releases 1000000`. Into the database of
// DATABASE_URL, or where none is named the embedded one of DATA_DIR, as the gate itself finds them. There are no archives behind it.
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { MIGRATIONS, openConfiguredDatabase } from '../src/compose.js';
import { readConfig } from '../src/config.js';
import { migrate } from '../src/database/migrate.js';
import { SeedError, seedCatalogue } from '../test/support/seeded-catalogue.js';

const { values } = parseArgs({
  options: { apps: { type: 'string', default: '100000' }, releases: { type: 'string', default: '1000000' } },
});
const started = performance.now();
const tell = (line: string): void => {
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}`);
};

const { database, close } = await openConfiguredDatabase(
  readConfig(process.env, process.cwd()),
  pino({ level: 'silent' }),
);
try {
  await migrate(database, MIGRATIONS);
  await seedCatalogue(database, { apps: Number(values.apps), releases: Number(values.releases) }, tell);
  tell('done');
} catch (error) {
  if (!(error instanceof SeedError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await close();
}
