#!/usr/bin/env node
// Plain JavaScript, so that a Node that is too old can still say what to do.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    `Blackstart needs Node 24; this is ${process.version}.\n` +
      'Run `npm ci`, then `npm run -s blackstart -- ...`: the project brings its own Node 24.\n',
  );
  process.exit(69);
}
// Whoever reads our output may be gone (a closed pipe, a closed terminal); the undo must go on all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));
