// Five steps that do nothing, in a closed loop: rest = how many in flight, seconds.
import { DBOS } from '@dbos-inc/dbos-sdk';
import pg from 'pg';
import { connection, report, rest, stretch } from './measure.js';

const [inFlight, seconds] = rest.map(Number);
const warmUpSeconds = 3;
// Its own default size; more was seen to be slower.
const poolSize = 20;

const fiveSteps = DBOS.registerWorkflow(
  async (number) => {
    let last = 0;
    for (const name of ['one', 'two', 'three', 'four', 'five']) {
      last = await DBOS.runStep(async () => number, { name });
    }
    return last;
  },
  { name: 'fiveSteps' },
);

async function loop(duration) {
  const until = performance.now() + duration * 1000;
  const latencies = [];
  const measured = stretch();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() < until) {
        const begun = performance.now();
        await fiveSteps(latencies.length);
        latencies.push(performance.now() - begun);
      }
    }),
  );
  return measured.end(latencies.length, latencies);
}

const systemDatabasePool = new pg.Pool({ ...connection, max: poolSize });
systemDatabasePool.on('error', () => {});
DBOS.setConfig({ name: 'five-steps', systemDatabasePool, systemDatabasePoolSize: poolSize, logLevel: 'error' });
await DBOS.launch();
await loop(warmUpSeconds);
report(await loop(seconds));
await DBOS.shutdown();
process.exit(0);
