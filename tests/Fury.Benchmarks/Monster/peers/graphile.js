// Jobs that do nothing, all in the queue before the first is taken: rest = plain or batched, how many.
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import { connection, report, rest, stretch } from './measure.js';

const [mode, jobs] = [rest[0], Number(rest[1])];
const concurrentJobs = 24;
const logger = new Logger(() => () => {});
const pgPool = new pg.Pool({ ...connection, max: concurrentJobs + 2 });
pgPool.on('error', () => {});
pgPool.on('connect', (client) => client.on('error', () => {}));

const utils = await makeWorkerUtils({ pgPool, logger });
await utils.migrate();
// In thousands: one transaction that adds them all takes minutes.
const addSql = `select graphile_worker.add_jobs(array(
  select row('nothing', json_build_object('n', n), null, null, null, null, null, null)::graphile_worker.job_spec
    from generate_series(1, $1::int) n))`;
for (let at = 0; at < jobs; at += 1000) {
  await pgPool.query(addSql, [Math.min(1000, jobs - at)]);
}

let done = 0;
let measured = null;
let allDone;
const all = new Promise((resolve) => (allDone = resolve));
const preset = {
  worker: {
    concurrentJobs,
    ...(mode === 'batched' ? { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } : {}),
  },
};
const runner = await run({
  pgPool,
  logger,
  preset,
  noHandleSignals: true,
  taskList: {
    nothing: async () => {
      measured ??= stretch();
      if (++done === jobs) allDone();
    },
  },
});
await all;
// Stopping writes the completions that are still under way.
await runner.stop();
report(measured.end(jobs));
await pgPool.end();
process.exit(0);
