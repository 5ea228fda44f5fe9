import './typescript.mjs';

/** What jest runs before all tests. It would load TypeScript here as CommonJS, which our sources aren't. */
export default async function globalSetup(run) {
  const { startTestServer } = await import('./postgres-server.ts');
  await startTestServer(run);
}
