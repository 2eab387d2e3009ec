/**
 * The timer in the node that undoes a change when even the harness and its reaper are dead. These are parts of scripts:
 * each works on `$unit`, and arming also on `$ms` and `$undo` (the script that undoes) with `$target` as its argument.
 * A script that undoes must not hold a dollar sign with a brace, two dollar signs or a percent sign: systemd would expand them.
 */

/** Sets the variables that the other parts use, from the arguments TARGET MS UNIT UNDO. */
export const timerArguments = 'set -e; target=$1; ms=$2; unit=$3; undo=$4;';

/** Stops a timer of an earlier try. Never fails: mostly there is none. */
export const disarm = 'systemctl stop "$unit.timer" 2>/dev/null || true;';

/**
 * Without AccuracySec systemd may be a minute late. `--collect` forgets the unit even when its script failed, so that
 * the name is free again.
 */
export const arm = `${disarm} systemd-run --quiet --collect --on-active="$ms"ms --timer-property=AccuracySec=50ms --unit="$unit" sh -c "$undo" sh "$target";`;

/** Prints `timer NAME` for what is armed or still running under the unit's name. */
export const listTimers =
  'systemctl list-units --plain --no-legend "$unit.*" | while read -r name rest; do echo "timer $name"; done;';

/** The name of the timer for one change on one target. */
export function timerUnit(change: 'park' | 'freeze' | 'hold' | 'limit' | 'add' | 'replace', target: string): string {
  return `blackstart-undo-${change}-${target}`;
}
