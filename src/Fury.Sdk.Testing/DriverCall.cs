namespace Fury.Sdk.Testing;

/// <summary>What the portable layer asked a driver.</summary>
/// <param name="Operation">The driver's member, e.g. <c>WriteAsync</c>.</param>
/// <param name="Arguments">As given; may be changed before the driver is asked.</param>
public sealed record DriverCall(string Service, string Operation, object?[] Arguments);

/// <summary>Stands between the portable layer and a driver.</summary>
/// <param name="next">Asks the driver (or the next interceptor) and gives its answer; null for members that give none.</param>
public delegate ValueTask<object?> DriverInterceptor(DriverCall call, Func<ValueTask<object?>> next);
