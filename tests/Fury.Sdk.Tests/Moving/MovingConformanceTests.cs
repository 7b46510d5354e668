using Fury.Sdk.Bindings;
using Fury.Sdk.Conformance;
using Fury.Sdk.Drivers;
using Fury.Sdk.Local;
using Fury.Sdk.Moving;
using Fury.Sdk.Testing;

namespace Fury.Sdk.Tests.Moving;

/// <summary>Two stores that move are one store, to the whole suite, in each phase, with a copier that goes over them at any moment.</summary>
public sealed class MovingConformanceTests
{
    public static TheoryData<MovePhase, bool, string> Names
    {
        get
        {
            var names = new TheoryData<MovePhase, bool, string>();
            foreach (var test in ConformanceSuite.Tests.Where(test => test.Kind is ServiceKind.KeyValue or ServiceKind.Objects))
            {
                foreach (var phase in Enum.GetValues<MovePhase>().Where(phase => phase != MovePhase.Evacuated))
                {
                    names.Add(phase, false, test.Name);
                }

                names.Add(MovePhase.Preparing, true, test.Name);
                names.Add(MovePhase.Moving, true, test.Name);
                names.Add(MovePhase.Returning, true, test.Name);
            }

            return names;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_store_that_moves_keeps(MovePhase phase, bool copies, string name)
    {
        var test = ConformanceSuite.Tests.Single(test => test.Name == name);
        var result = await ConformanceSuite.RunAsync(new Target(test.Kind, phase, copies), test);

        Assert.True(result.Verdict == ConformanceVerdict.Passed, result.Detail);
    }

    private sealed class Target : ConformanceTarget
    {
        private readonly ManualTimeProvider _clock = new();

        public Target(ServiceKind kind, MovePhase phase, bool copies)
        {
            var local = new LocalProvider(_clock).Factories.Single(each => each.Kind == kind);
            var calls = 0;
            Factories =
            [
                new DriverFactory(kind, "moving", async (context, cancellation) =>
                {
                    var source = await local.OpenAsync(Named(context, "source"), cancellation);
                    var target = await local.OpenAsync(Named(context, "target"), cancellation);
                    var order = new MoveOrder(new ServiceBinding("", kind, 6, context.Route), context.Route, [], null);
                    var data = DataMove.Data(order, source, target, new CopierOptions(PageSize: 3), _clock)!;
                    IDriver moving = source is IKeyValueDriver store
                        ? new MovingKeyValue(phase, store, (IKeyValueDriver)target)
                        : new MovingObjects(phase, "m6", (IObjectDriver)source, new RenamedObjects("m6", (IObjectDriver)target), _clock);
                    return !copies ? moving : InterceptedDriver.Wrap(moving, context.Service, async (_, next) =>
                    {
                        if (Interlocked.Increment(ref calls) % 3 == 0)
                        {
                            var state = new MoveState("", MoveStep.Copy, 1);
                            await (phase == MovePhase.Preparing
                                ? data.CopyAhead(state, _ => default, cancellation)
                                : data.Copy(phase, state, _ => default, cancellation));
                        }

                        return await next();
                    });
                }),
            ];
        }

        public override string Name => "moving";

        public override TimeProvider Clock => _clock;

        public override IReadOnlyList<IDriverFactory> Factories { get; }

        public override ServiceRoute Route(ServiceKind kind, string resource) => new("moving", "local", null, "local", resource);

        public override Task AdvanceAsync(TimeSpan by)
        {
            _clock.Advance(by);
            return Task.CompletedTask;
        }

        public override Task DriveAsync(Task task) => _clock.DriveAsync(task);

        private static DriverContext Named(DriverContext context, string side) =>
            context with { Route = context.Route with { Resource = $"{context.Route.Resource}-{side}" } };
    }
}
