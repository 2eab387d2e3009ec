import { expect, test } from 'vitest';
import { decodeProtobuf } from './protobuf.ts';

type Field = readonly [number: number, value: string | number | Buffer];

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

function message(...fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === 'number') return Buffer.from([...varint(number << 3), ...varint(value)]);
      const bytes = Buffer.from(value as string);
      return Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(bytes.length)]), bytes]);
    }),
  );
}

function envelope(apiVersion: string, kind: string, raw: Buffer): Buffer {
  const head = message([1, message([1, apiVersion], [2, kind])], [2, raw], [3, ''], [4, '']);
  return Buffer.concat([Buffer.from('k8s\0'), head]);
}

test('a namespace as kubectl writes it: zero values of what nobody set are left out', () => {
  const metadata = message([1, 'demo'], [2, ''], [3, ''], [4, ''], [5, ''], [6, ''], [7, 0], [8, message()]);
  const raw = message([1, metadata], [2, message()], [3, message([1, ''])]);
  expect(decodeProtobuf(envelope('v1', 'Namespace', raw))).toEqual({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'demo' },
  });
});

test('a deployment: lists, maps, numbers, and a zero that was meant', () => {
  const container = message([1, 'main'], [2, 'node:24'], [3, 'a'], [3, 'b'], [6, message([3, 8080])]);
  const labels = message([1, 'app'], [2, 'web']);
  const template = message([1, message([11, labels])], [2, message([2, container])]);
  const raw = message([2, message([1, 0], [2, message([1, labels])], [3, template])]);
  expect(decodeProtobuf(envelope('apps/v1', 'Deployment', raw))['spec']).toEqual({
    replicas: 0,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [{ name: 'main', image: 'node:24', command: ['a', 'b'], ports: [{ containerPort: 8080 }] }],
      },
    },
  });
});

test('secrets are base64, as in JSON; ports are numbers or names', () => {
  const secret = envelope('v1', 'Secret', message([2, message([1, 'a'], [2, Buffer.from([0xff])])]));
  expect(decodeProtobuf(secret)['data']).toEqual({ a: '/w==' });
  const port = (target: Buffer): unknown =>
    decodeProtobuf(envelope('v1', 'Service', message([2, message([1, message([4, target])])])))['spec'];
  expect(port(message([1, 0], [2, 8080], [3, '']))).toEqual({ ports: [{ targetPort: 8080 }] });
  expect(port(message([1, 1], [2, 0], [3, 'http']))).toEqual({ ports: [{ targetPort: 'http' }] });
});

test('a kind or a field that is not in the table is 415, not lost', () => {
  const code415 = expect.objectContaining({ code: 415 });
  expect(() => decodeProtobuf(envelope('batch/v1', 'Job', message()))).toThrow(code415);
  for (const kind of ['Envelope', 'ObjectMeta', 'constructor']) {
    expect(() => decodeProtobuf(envelope('v1', kind, message()))).toThrow(code415);
  }
  expect(() => decodeProtobuf(envelope('v1', 'Namespace', message([9, 'new'])))).toThrow(code415);
});

test('what is cut off, or no protobuf at all, is a bad request', () => {
  const whole = envelope('v1', 'Namespace', message([1, message([1, 'demo'])]));
  for (const bytes of [
    Buffer.from('{"a":1}'),
    whole.subarray(0, whole.length - 6),
    Buffer.from('k8s\0\xff\xff', 'latin1'),
  ]) {
    expect(() => decodeProtobuf(bytes)).toThrow(expect.objectContaining({ code: 400 }));
  }
});
