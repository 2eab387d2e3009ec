import { expect, it } from 'vitest';
import type { SampleRow } from '../../core/sample.ts';
import { SampleRing } from './sample-ring.ts';

const row = (seq: number): SampleRow => [seq, seq * 10, 0, 'ok', 1, 1, -1, -1, 5];
const seqs = (rows: readonly SampleRow[]): number[] => rows.map(([seq]) => seq);

function ringWith(capacity: number, completed: readonly number[]): SampleRing {
  const ring = new SampleRing(capacity);
  for (const seq of completed) {
    ring.claim(seq);
    ring.complete(row(seq));
  }
  return ring;
}

it('gives every row once to a reader who asks for the next one', () => {
  const ring = ringWith(10, [0, 1, 2]);
  const first = ring.read(0, 100);
  expect(seqs(first.rows)).toEqual([0, 1, 2]);
  expect(ring.read(first.next, 100)).toEqual({ rows: [], next: 3, dropped: 0 });
});

it('holds back rows behind a probe that is still under way', () => {
  const ring = new SampleRing(10);
  for (const seq of [0, 1, 2]) ring.claim(seq);
  ring.complete(row(0));
  ring.complete(row(2));
  const first = ring.read(0, 100);
  expect(seqs(first.rows)).toEqual([0]);
  ring.complete(row(1));
  expect(seqs(ring.read(first.next, 100).rows)).toEqual([1, 2]);
});

it('leaves out numbers that were skipped', () => {
  expect(seqs(ringWith(10, [0, 1, 7]).read(0, 100).rows)).toEqual([0, 1, 7]);
});

it('says how many rows a slow reader lost', () => {
  const ring = ringWith(4, [0, 1, 2, 3, 4, 5]);
  const { rows, next, dropped } = ring.read(1, 100);
  expect([seqs(rows), next, dropped]).toEqual([[2, 3, 4, 5], 6, 1]);
});

it('forgets old rows when more numbers are skipped than it holds', () => {
  const ring = ringWith(4, [0, 1, 2, 100]);
  expect(seqs(ring.read(0, 100).rows)).toEqual([100]);
});

it('drops the row of a probe that ended after its place was given away', () => {
  const ring = new SampleRing(2);
  ring.claim(0);
  ring.claim(1);
  ring.complete(row(1));
  ring.claim(2);
  ring.complete(row(0));
  ring.complete(row(2));
  expect(seqs(ring.read(0, 100).rows)).toEqual([1, 2]);
});

it('cuts a long answer, and the next read goes on there', () => {
  const ring = ringWith(10, [0, 1, 2, 3]);
  const first = ring.read(0, 3);
  expect(seqs(first.rows)).toEqual([0, 1, 2]);
  expect(seqs(ring.read(first.next, 3).rows)).toEqual([3]);
});

it('keeps the place of a reader who is ahead', () => {
  expect(ringWith(10, [0]).read(5, 100).next).toBe(5);
});
