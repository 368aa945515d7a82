/** The product, with one route more that nothing guards: `/bench/bare`, with the answer of a ping. */
import { compose } from '../../../server/src/compose.ts';
import { environmentConfig } from '../../../server/src/config.ts';
import { createLifecycle } from '../../../server/src/kernel/lifecycle.ts';
import { createLog } from '../../../server/src/kernel/log.ts';

const log = createLog('error');
const { port } = await compose(environmentConfig(), {
  log,
  lifecycle: createLifecycle(log),
  extend: (app) =>
    void app.get('/bench/bare', async () => ({
      ok: true,
      key_id: 'key_01kd3v7zzk2m5q8r9t0w1x2y3z',
      workspace_id: 'ws_01kd3v7zzk2m5q8r9t0w1x2y3z',
      at: new Date().toISOString(),
    })),
});
process.send?.(port);
process.on('disconnect', () => process.exit(0));
