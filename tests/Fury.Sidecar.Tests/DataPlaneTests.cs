namespace Fury.Sidecar.Tests;

public sealed class YarpRoutingTests() : RoutingContract(SidecarOptions.Yarp);

public sealed class HaproxyRoutingTests() : RoutingContract(SidecarOptions.HaproxyName);

public sealed class YarpFlipTests() : FlipContract(SidecarOptions.Yarp);

public sealed class HaproxyFlipTests() : FlipContract(SidecarOptions.HaproxyName);

public sealed class YarpReplicaTests() : ReplicaContract(SidecarOptions.Yarp, measures: true);

public sealed class HaproxyReplicaTests() : ReplicaContract(SidecarOptions.HaproxyName, measures: false);
