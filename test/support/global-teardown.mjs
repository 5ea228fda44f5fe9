import './typescript.mjs';

/** What jest runs after all tests, in the program that ran global-setup.mjs. */
export default async function globalTeardown() {
  const { stopTestServer } = await import('./postgres-server.ts');
  await stopTestServer();
}
