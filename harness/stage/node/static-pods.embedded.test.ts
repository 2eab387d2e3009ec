import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isRunning } from './proc.ts';
import { TestNode } from './testing/test-node.ts';

let node: TestNode;

beforeEach(async () => {
  node = await TestNode.create();
});

afterEach(async () => {
  await node.stop();
});

/** Ends when its standard input closes, as every program here. */
const sleep = 'cat';

describe('a static pod', () => {
  test('runs although there is no API; its mirror is written when there is one, with its status', async () => {
    await node.api.stop();
    node.writeStatic('api', { args: [sleep] });
    await node.start();
    const container = await node.running('api-n1');
    await node.api.start();
    const status = await node.status('api-n1', { phase: 'Running', podIP: node.address });
    expect(status.containerStatuses[0]?.containerID).toBe(`blackstart://${container.id}`);
    expect(node.pod('api-n1')?.metadata.annotations).toMatchObject({ 'kubernetes.io/config.source': 'file' });
  });

  test('goes on when its mirror is deleted', async () => {
    node.writeStatic('api', { args: [sleep] });
    await node.start();
    const container = await node.running('api-n1');
    await node.status('api-n1', { phase: 'Running' });
    node.api.store.delete('v1/pods', 'default/api-n1', { gracePeriodSeconds: 0 });
    await node.control('POST', '/renew');
    await node.status('api-n1', { phase: 'Running' });
    expect(await node.running('api-n1')).toEqual(container);
  });

  test('is replaced when its manifest changes, mirror and all', async () => {
    node.writeStatic('api', { args: [sleep] });
    await node.start();
    const before = await node.running('api-n1');
    const { containerStatuses } = await node.status('api-n1', { phase: 'Running' });
    node.writeStatic('api', { args: [`exec ${sleep}`] });
    const after = await node.running('api-n1', before);
    expect(isRunning(before.pid)).toBe(false);
    await node.status('api-n1', { containerStatuses: [{ containerID: `blackstart://${after.id}` }] });
    expect(containerStatuses[0]?.containerID).toBe(`blackstart://${before.id}`);
  });
});
