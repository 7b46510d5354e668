using System.Globalization;
using Fury.Agent.Wire;

namespace Fury.Agent.Tests.Clouds;

/// <summary>What each cloud's metadata server says, in the form that its documentation shows.</summary>
public sealed class MetadataTests : IAsyncLifetime, IDisposable
{
    private readonly HttpClient _http = new();
    private FakePlatform _platform = null!;

    public async Task InitializeAsync() => _platform = await FakePlatform.Start();

    public void Dispose() => _http.Dispose();

    public async Task DisposeAsync() => await _platform.DisposeAsync();

    [Fact]
    public async Task Of_Amazon_an_interruption_counts_more_than_a_recommendation()
    {
        var metadata = Of(AgentCloud.Aws);
        _platform.Metadata["/latest/meta-data/instance-id"] = "i-0abc";
        Assert.Equal("i-0abc", await metadata.InstanceId(default));
        Assert.Null(await metadata.Notice(default));

        _platform.Metadata["/latest/meta-data/events/recommendations/rebalance"] = """{"noticeTime":"2026-11-27T17:00:00Z"}""";
        Assert.Equal(new(NoticeKind.Rebalance, null), await metadata.Notice(default));
        _platform.Metadata["/latest/meta-data/spot/instance-action"] = """{"action":"stop","time":"2026-11-27T17:02:00Z"}""";
        Assert.Equal(new(NoticeKind.Interruption, At("2026-11-27T17:02:00Z")), await metadata.Notice(default));
    }

    [Fact]
    public async Task Of_Google_one_that_is_preempted_has_thirty_seconds()
    {
        var metadata = Of(AgentCloud.Gcp);
        _platform.Metadata["/computeMetadata/v1/instance/name"] = "fury-1";
        _platform.Metadata["/computeMetadata/v1/instance/zone"] = "projects/1234/zones/europe-west1-b";
        _platform.Metadata["/computeMetadata/v1/instance/preempted"] = "FALSE";
        _platform.Metadata["/computeMetadata/v1/instance/maintenance-event"] = "MIGRATE_ON_HOST_MAINTENANCE";
        Assert.Equal("europe-west1-b/fury-1", await metadata.InstanceId(default));
        Assert.Null(await metadata.Notice(default));

        _platform.Metadata["/computeMetadata/v1/instance/maintenance-event"] = "TERMINATE_ON_HOST_MAINTENANCE";
        Assert.Equal(new(NoticeKind.Maintenance, null), await metadata.Notice(default));
        _platform.Metadata["/computeMetadata/v1/instance/preempted"] = "TRUE";
        var notice = (await metadata.Notice(default))!;
        Assert.InRange(notice.LossAt!.Value - TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30));
        Assert.Equal(notice, await metadata.Notice(default));
    }

    [Fact]
    public async Task Of_Azure_only_what_happens_to_this_machine_counts()
    {
        var metadata = Of(AgentCloud.Azure);
        _platform.Metadata["/metadata/instance/compute/name"] = "set_7";
        _platform.Metadata["/metadata/scheduledevents"] = Events("Preempt", "set_8", "Mon, 30 Nov 2026 18:29:47 GMT");
        Assert.Equal("set_7", await metadata.InstanceId(default));
        Assert.Null(await metadata.Notice(default));

        _platform.Metadata["/metadata/scheduledevents"] = Events("Freeze", "set_7", "Mon, 30 Nov 2026 18:29:47 GMT");
        Assert.Null(await metadata.Notice(default));
        _platform.Metadata["/metadata/scheduledevents"] = Events("Preempt", "set_7", "Mon, 30 Nov 2026 18:29:47 GMT");
        Assert.Equal(new(NoticeKind.Interruption, At("2026-11-30T18:29:47Z")), await metadata.Notice(default));
        _platform.Metadata["/metadata/scheduledevents"] = Events("Redeploy", "set_7", "Mon, 30 Nov 2026 18:29:47 GMT");
        Assert.Equal(NoticeKind.Maintenance, (await metadata.Notice(default))!.Kind);
    }

    [Theory]
    [InlineData("Aws")]
    [InlineData("Gcp")]
    [InlineData("Azure")]
    public async Task A_server_that_is_not_there_or_talks_nonsense_says_nothing(string name)
    {
        var cloud = Enum.Parse<AgentCloud>(name);
        var silent = Metadata.Of(new(cloud, Metadata: new Uri("http://127.0.0.1:1")), _http, TimeProvider.System);
        Assert.Null(await silent.InstanceId(default));
        Assert.Null(await silent.Notice(default));

        foreach (var path in (string[])["/latest/meta-data/spot/instance-action", "/computeMetadata/v1/instance/preempted", "/metadata/scheduledevents"])
        {
            _platform.Metadata[path] = "<html>";
        }

        Assert.Null(await Of(cloud).Notice(default));
    }

    private static string Events(string type, string resource, string notBefore) => $$"""
        {"DocumentIncarnation":1,"Events":[{"EventId":"E","EventType":"{{type}}","ResourceType":"VirtualMachine","Resources":["{{resource}}"],
        "EventStatus":"Scheduled","NotBefore":"{{notBefore}}"}]}
        """;

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);

    private IMetadata Of(AgentCloud cloud) => Metadata.Of(new(cloud, Metadata: _platform.Address), _http, TimeProvider.System);
}
