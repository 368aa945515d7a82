import { createLog } from '../kernel/log.ts';
import { busContract } from './bus.contract.ts';
import { createLocalBus } from './bus.local.ts';

busContract('in this process', async () => {
  const bus = createLocalBus({ log: createLog('silent') });
  return { one: bus, other: bus, close: () => bus.close() };
});
