import { ApiStatus } from '../status.ts';

export type JsonMap = Record<string, unknown>;

/** True for what JSON calls an object. */
export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy of the map with the entries that `change` gives; undefined leaves one out. Safe for a key `__proto__`. */
export function mapEntries(map: JsonMap, change: (value: unknown, key: string) => unknown): JsonMap {
  return Object.fromEntries(
    Object.entries(map)
      .map(([key, value]): [string, unknown] => [key, change(value, key)])
      .filter(([, value]) => value !== undefined),
  );
}

/** 422: the request is understood and cannot be done with this object. */
export function unprocessable(message: string): ApiStatus {
  return new ApiStatus(422, 'Invalid', `the server rejected our request due to an error in our request: ${message}`);
}
