// Loaded before programs of `node:*` images, which know nothing of us: they end when the node agent is gone. Plain
// JavaScript, so that a program without types does not pay for their stripping.
process.stdin.on('end', () => process.exit(137));
process.stdin.on('error', () => process.exit(137));
process.stdin.resume();
process.stdin.unref();
