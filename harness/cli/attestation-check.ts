import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from '../cluster/cluster.ts';
import { parseAttestation, type Attestation } from '../verdict/attestation.ts';
import { formatCount } from '../verdict/format.ts';

const name = 'break-glass';
/** A procedure that nobody has tried for longer has changed with the people and the cluster. */
const freshDays = 90;
/** A credential is renewed before it is needed. */
const expiryDays = 30;
const dayMs = 86_400_000;
const again = 'Try it: npm run -s experiment -- break-glass';

/** What the newest attestation under a folder of runs says. Somebody who never ran the ladder is not warned. */
export function checkAttestation(runsFolder: string, now: Date): Check {
  const runs = runFolders(runsFolder);
  const newest = runs
    .flatMap((folder) => read(join(folder, 'attestation.json')) ?? [])
    .filter(({ experiment }) => experiment === name)
    .toSorted((a, b) => b.date.localeCompare(a.date))[0];
  if (!newest) {
    const tried = runs.filter((folder) => folder.includes(`/${name}/`)).length;
    if (tried === 0) return { name, status: 'ok', found: 'no attestation yet', hint: '' };
    return {
      name,
      status: 'warning',
      found: `${formatCount(tried, 'run')}, none of which has left an attestation`,
      hint: again,
    };
  }
  const problem = problemWith(newest, now);
  const found = `${newest.verdict} on ${newest.date.slice(0, 10)}, backend ${newest.backend}`;
  if (problem === undefined) return { name, status: 'ok', found, hint: '' };
  return { name, status: 'warning', found: `${found}: ${problem}`, hint: again };
}

function problemWith({ date, verdict, credentials }: Attestation, now: Date): string | undefined {
  const ageDays = Math.floor((now.getTime() - Date.parse(date)) / dayMs);
  if (ageDays > freshDays) return `that is ${ageDays} days ago, and ${freshDays} at most are good`;
  if (verdict === 'fail') return 'the procedure did not keep what it promises';
  for (const { as, expires } of credentials) {
    if (expires === null) return `until when the credential ${as} is good could not be read`;
    const isSoon = Date.parse(expires) - now.getTime() < expiryDays * dayMs;
    if (isSoon) return `the certificate of ${as} ends on ${expires.slice(0, 10)}`;
  }
  return undefined;
}

/** `runs/EXPERIMENT/TIME`; the link to the latest one leads to what is found anyhow. */
function runFolders(runsFolder: string): readonly string[] {
  return existsSync(runsFolder) ? foldersIn(runsFolder).flatMap(foldersIn) : [];
}

function foldersIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name));
}

function read(file: string): Attestation | undefined {
  return existsSync(file) ? parseAttestation(readFileSync(file, 'utf8')) : undefined;
}
