import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';

/** Written by the lab that has all images: there they have to be found. */
const labFile = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'blackstart-lab/env');

test('the real servers take part', (context) => {
  const reason = inject('withoutReal');
  context.skip(reason !== '' && !existsSync(labFile), reason);
  expect(reason).toBe('');
});
