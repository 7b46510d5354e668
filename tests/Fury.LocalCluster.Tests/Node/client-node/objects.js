// What a program does with the typed clients: makes a replica set, waits until it is ready, scales it, reads a log and deletes it.
import * as k8s from '@kubernetes/client-node';

const config = new k8s.KubeConfig();
config.loadFromFile(process.argv[2]);
const namespace = 'default';
const core = config.makeApiClient(k8s.CoreV1Api);
const apps = config.makeApiClient(k8s.AppsV1Api);
const scaling = config.makeApiClient(k8s.AutoscalingV2Api);
const until = async (what, holds) => {
  for (let left = 400; left > 0; left--) {
    const value = await what();
    if (holds(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`not in time: ${what}`);
};

await apps.createNamespacedReplicaSet({
  namespace,
  body: {
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'app:1' }] } },
    },
  },
});
const read = () => apps.readNamespacedReplicaSet({ name: 'web', namespace });
await until(read, (set) => set.status.readyReplicas === 2);
const scale = await apps.readNamespacedReplicaSetScale({ name: 'web', namespace });
scale.spec.replicas = 3;
await apps.replaceNamespacedReplicaSetScale({ name: 'web', namespace, body: scale });
await until(read, (set) => set.status.readyReplicas === 3);

await scaling.createNamespacedHorizontalPodAutoscaler({
  namespace,
  body: { metadata: { name: 'web' }, spec: { minReplicas: 3, maxReplicas: 5, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web' } } },
});
const hpa = await scaling.readNamespacedHorizontalPodAutoscaler({ name: 'web', namespace });
const pods = await core.listNamespacedPod({ namespace, labelSelector: 'app=web', limit: 2 });
const rest = await core.listNamespacedPod({ namespace, labelSelector: 'app=web', limit: 2, _continue: pods.metadata._continue });
const log = await core.readNamespacedPodLog({ name: pods.items[0].metadata.name, namespace, container: 'app' });
let missing;
try {
  await core.readNamespacedPod({ name: 'none', namespace });
} catch (error) {
  missing = error.code;
}

await apps.deleteNamespacedReplicaSet({ name: 'web', namespace, propagationPolicy: 'Foreground' });
await until(() => core.listNamespacedPod({ namespace, labelSelector: 'app=web' }), (list) => list.items.length === 0);
console.log(JSON.stringify({
  target: hpa.spec.metrics[0].resource.target.averageUtilization, pods: pods.items.length + rest.items.length, log: log ?? '', missing,
}));
