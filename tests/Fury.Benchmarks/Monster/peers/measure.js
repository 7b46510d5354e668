// Every driver is called with the folder of the server's socket, user, database, and what else it needs; it prints one line of JSON.
export const [socket, user, database, ...rest] = process.argv.slice(2);

export const connection = { host: socket, user, database };

/** Connection string for libraries that take nothing else. */
export const connectionString = `postgresql:///${database}?host=${encodeURIComponent(socket)}&user=${user}`;

/** The stretch between begin and end: units per second, and this process's own processor time for each. */
export function stretch() {
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  return {
    end(count, latencies = []) {
      const [seconds, used] = [(performance.now() - begun) / 1000, process.cpuUsage(cpu)];
      latencies.sort((a, b) => a - b);
      return {
        count,
        seconds,
        cpuMs: (used.user + used.system) / 1000,
        p50Ms: latencies[Math.floor(latencies.length / 2)] ?? 0,
        p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
      };
    },
  };
}

export function report(result) {
  console.log(JSON.stringify(result));
}
