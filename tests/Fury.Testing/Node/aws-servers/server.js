// Usage: node server.js dynalite|kinesalite|fauxqs|s3rver PORT FOLDER. A server that speaks as one of AWS does, on loopback.
const [name, port, folder] = process.argv.slice(2);
const listen = {
  dynalite: async () => (await import('dynalite')).default({ createTableMs: 0 }).listen(Number(port), '127.0.0.1'),
  kinesalite: async () => (await import('kinesalite')).default({ createStreamMs: 0, shardLimit: 1000 }).listen(Number(port), '127.0.0.1'),
  fauxqs: async () => (await import('fauxqs')).buildApp().listen({ host: '127.0.0.1', port: Number(port) }),
  s3rver: async () => {
    const { default: S3rver } = await import('s3rver');
    await new S3rver({ address: '127.0.0.1', port: Number(port), directory: folder, silent: true, vhostBuckets: false }).run();
  },
};
await listen[name]();
