using Fury.Testing.Aws;
using Microsoft.AspNetCore.Http;

namespace Fury.Testing;

public sealed partial class FakeAws : ICloudFaults, IMachines
{
    private int _answersToLose;
    private int _brokenSoFar;

    /// <summary>Limits by <see cref="Ec2Limits"/>, of EC2 alone; null: none.</summary>
    public CloudTraffic? Traffic { get; set; }

    public string CreationBucket => Ec2Limits.Run;

    /// <summary>From the creation of an instance until it runs.</summary>
    public TimeSpan BootTakes
    {
        get => _world.Boot;
        set => _world.Boot = value;
    }

    public int Made
    {
        get
        {
            lock (_world.Lock)
            {
                return _world.Instances.Count;
            }
        }
    }

    public IReadOnlyList<CloudMachine> Machines()
    {
        lock (_world.Lock)
        {
            return
            [
                .. _world.Instances.Select(one => new CloudMachine(
                    one.Id, one.Address, one.UserData, IsUp: _world.State(one).Name == "running", one.Ending is not null,
                    one.ReasonCode?.StartsWith("Server.", StringComparison.Ordinal) == true)),
            ];
        }
    }

    public double ThrottleShare { get; set; }

    public TimeSpan VisibleAfter
    {
        get => _world.VisibleAfter;
        set => _world.VisibleAfter = value;
    }

    public int? QuotaLeft
    {
        get => _world.QuotaLeft;
        set => _world.QuotaLeft = value;
    }

    public int PageMax
    {
        get => _pages.Max;
        set => _pages.Max = value;
    }

    public bool IsDown { get; set; }

    public bool IsBroken { get; set; }

    public void Room(string zone, int instances)
    {
        lock (_world.Lock)
        {
            _world.Room[zone] = instances;
        }
    }

    public void LoseAnswers(int creations) => Volatile.Write(ref _answersToLose, creations);

    public void Kill(string id) => _world.Finish(id, "Server.InternalError", "Internal error on launch");

    public void TakeBack(string id) => _world.Finish(id, "Server.SpotInstanceTermination", "Spot instance termination");

    public void ExpireCredentials() => _identities.EndSessions();

    public void RevokeCredentials() => _identities.Revoke();

    private bool TakeLostAnswer() => Volatile.Read(ref _answersToLose) > 0 && Interlocked.Decrement(ref _answersToLose) >= 0;

    private async Task Enter(HttpContext context, AwsCall call, AwsCaller caller)
    {
        if (Traffic is { } traffic && caller.Service == "ec2")
        {
            var tokens = Ec2Limits.Of(caller.Region, AwsCall.Pairs(call.Text));
            var isWrite = tokens[0].Bucket is Ec2Limits.Run or Ec2Limits.Terminate;
            if (!await traffic.Enter(isWrite, tokens, context.RequestAborted))
            {
                throw TooOften();
            }
        }
    }

    private static AwsRefusal TooOften() => new(503, "RequestLimitExceeded", "Request limit exceeded.");

    private void ThrowIfUnwell(string service)
    {
        if (IsBroken)
        {
            throw Interlocked.Increment(ref _brokenSoFar) % 2 == 0
                ? new AwsRefusal(500, service == "eks" ? "ServerException" : "InternalError", "An internal error has occurred")
                : new AwsRefusal(503, service == "eks" ? "ServiceUnavailableException" : "Unavailable", "The service is unavailable. Try again.");
        }

        lock (_chance)
        {
            if (_chance.NextDouble() < ThrottleShare)
            {
                throw service switch
                {
                    "ec2" => TooOften(),
                    "eks" => new AwsRefusal(429, "ThrottlingException", "Rate exceeded"),
                    _ => new AwsRefusal(400, "Throttling", "Rate exceeded"),
                };
            }
        }
    }
}
