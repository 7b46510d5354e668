// Calls a service by way of xDS, and says every 100 ms what came of it.
//
// client.js BOOTSTRAP TARGET NAME CALLERS; where the control plane is, says the file BOOTSTRAP.
// Each caller makes one call after the other. A line of input is a JSON object, the metadata of calls from then on; the end of the input ends
// the calls, and after the last answer the program. A line of output is {"answers": {BACKEND: COUNT}, "failed": COUNT, "errors": [TEXT]}, since
// the start. A call carries NAME and the time at which it began, in nanoseconds of the monotonic clock.
import readline from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import grpc from '@grpc/grpc-js';
import xds from '@grpc/grpc-js-xds';

const METHOD = '/fury.test.Backend/Call';
const DEADLINE_MS = 30_000;
const ERRORS_MAX = 10;
const REPORT_MS = 100;

const [bootstrap, target, name, callers] = process.argv.slice(2);
const answers = {};
const errors = [];
let failed = 0;
let metadata = new grpc.Metadata();
let ending = false;

// A google.protobuf.StringValue: field 1, its length, the text.
function request() {
  const text = Buffer.from(`${name} ${process.hrtime.bigint()}`);
  return Buffer.concat([Buffer.from([0x0a, text.length]), text]);
}

const asIs = (bytes) => bytes;

const call = (client) =>
  new Promise((resolve) => {
    client.makeUnaryRequest(METHOD, asIs, asIs, request(), metadata, { deadline: Date.now() + DEADLINE_MS }, (error, answer) => {
      if (error) {
        failed++;
        if (errors.length < ERRORS_MAX) {
          errors.push(`${grpc.status[error.code]}: ${error.details}`);
        }
      } else {
        const backend = answer.subarray(2).toString();
        answers[backend] = (answers[backend] ?? 0) + 1;
      }

      resolve(error);
    });
  });

async function callOnAndOn(client) {
  while (!ending) {
    if (await call(client)) {
      // Whoever is refused at once would ask a million times.
      await pause(10);
    }
  }
}

const report = () => process.stdout.write(`${JSON.stringify({ answers, failed, errors })}\n`);

process.env.GRPC_XDS_BOOTSTRAP = bootstrap; // Read with the first call.
xds.register();
const client = new grpc.Client(target, grpc.credentials.createInsecure());
const reports = setInterval(report, REPORT_MS);
const calls = Promise.all(Array.from({ length: Number(callers) }, () => callOnAndOn(client)));
for await (const line of readline.createInterface({ input: process.stdin })) {
  metadata = new grpc.Metadata();
  for (const [key, value] of Object.entries(JSON.parse(line))) {
    metadata.set(key, value);
  }
}

ending = true;
await calls;
clearInterval(reports);
report();
client.close();
// The library keeps its connection to the control plane.
process.stdout.write('', () => process.exit(0));
