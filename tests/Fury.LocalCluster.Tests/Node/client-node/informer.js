// An informer on the config maps of a namespace, as an operator would write it. Prints what it hears, and at a line of input what it holds.
import * as k8s from '@kubernetes/client-node';
import { createInterface } from 'node:readline';

const [kubeconfig, namespace] = process.argv.slice(2);
const config = new k8s.KubeConfig();
config.loadFromFile(kubeconfig);
const api = config.makeApiClient(k8s.CoreV1Api);
const tell = (type, object) => console.log(JSON.stringify({ type, name: object?.metadata?.name, value: object?.data?.key }));

const informer = k8s.makeInformer(
  config, `/api/v1/namespaces/${namespace}/configmaps`, () => api.listNamespacedConfigMap({ namespace }));
for (const type of ['add', 'update', 'delete', 'connect']) informer.on(type, (object) => tell(type, object));
informer.on('error', (error) => {
  console.log(JSON.stringify({ type: 'error', name: String(error?.code ?? error?.statusCode ?? error?.message ?? error) }));
  setTimeout(() => informer.start(), 10);
});
await informer.start();

createInterface({ input: process.stdin })
  .on('line', () => console.log(JSON.stringify({ type: 'holds', name: informer.list().map((map) => `${map.metadata.name}=${map.data.key}`).sort().join(' ') })))
  .on('close', () => process.exit(0));
