import { BlackstartError } from '../core/errors.ts';

/**
 * The way was taken and did not work: that breaks what it promised. Any other error while it is taken is trouble of the
 * harness, as a `docker exec` that timed out: it proves nothing about the way.
 */
export class WayFailure extends BlackstartError {
  constructor(message: string) {
    super('cluster', message);
  }
}
