import type { FlowRequest } from './types.ts';

const bytesPerSeat = 100_000;
/** A LIST from the watch cache is streamed, so it is taken to hold no more than this at once: ten seats. */
const mostBytesAtOnce = 1_000_000;
const defaultObjectBytes = 3_500;

/** Seats that a request occupies (Kubernetes 1.34, estimate by size): 1, but up to 10 for a LIST or the initial events of a watch. */
export function seatsOf(request: FlowRequest, mostSeats: number): number {
  const bytes = request.objectCount * (request.averageObjectBytes ?? defaultObjectBytes);
  const seats = Math.ceil(Math.min(bytes, mostBytesAtOnce) / bytesPerSeat);
  return Math.max(1, Math.min(seats, mostSeats));
}
