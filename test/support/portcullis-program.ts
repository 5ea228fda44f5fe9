import { main } from '../../src/cli.js';

// What bin/portcullis does with the built sources; started by run-command-line.ts with typescript.mjs.
await main();
