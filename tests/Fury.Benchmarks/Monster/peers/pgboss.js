// Jobs that do nothing, all in the queue before the first is taken, fetched and completed in batches: rest = loops, batch, how many.
import PgBoss from 'pg-boss';
import { connection, report, rest, stretch } from './measure.js';

const [loops, batchSize, jobs] = rest.map(Number);
const queue = 'nothing';
const boss = new PgBoss({ ...connection, max: loops + 2, supervise: false, schedule: false });
boss.on('error', (error) => console.error(error));
await boss.start();
await boss.createQueue(queue);
for (let at = 0; at < jobs; at += 1000) {
  await boss.insert(Array.from({ length: Math.min(1000, jobs - at) }, (_, n) => ({ name: queue, data: { n: at + n } })));
}

const measured = stretch();
let done = 0;
await Promise.all(
  Array.from({ length: loops }, async () => {
    for (;;) {
      const batch = await boss.fetch(queue, { batchSize });
      if (!batch || batch.length === 0) return;
      await boss.complete(queue, batch.map((job) => job.id));
      done += batch.length;
    }
  }),
);
report(measured.end(done));
await boss.stop({ graceful: false });
process.exit(0);
