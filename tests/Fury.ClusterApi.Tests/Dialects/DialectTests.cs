using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.ClusterApi.Kubernetes.Dialects;
using Fury.ClusterApi.Kubernetes.Objects;
using Fury.Kernel;

namespace Fury.ClusterApi.Tests.Dialects;

/// <summary>
/// What is written to each version, as files that are read as a diff: <c>Cases/VERSION/OBJECT.json</c>. <c>FURY_GOLDEN=write</c> rewrites them.
/// </summary>
public sealed class DialectTests
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, string[]> Served = new()
    {
        ["1.22"] = ["apps/v1", "autoscaling/v1", "autoscaling/v2beta2", "policy/v1", "policy/v1beta1", "batch/v1", "batch/v1beta1"],
        ["1.25"] = ["apps/v1", "autoscaling/v1", "autoscaling/v2", "autoscaling/v2beta2", "policy/v1", "batch/v1"],
        ["1.34"] = ["apps/v1", "autoscaling/v1", "autoscaling/v2", "policy/v1", "batch/v1"],
        // One whose operator has switched everything stable off that had an older form.
        ["1.23"] = ["apps/v1", "autoscaling/v2beta2", "policy/v1beta1", "batch/v1beta1"],
    };

    [Theory]
    [InlineData("1.22", "autoscaling/v2beta2", "policy/v1", "batch/v1", false)]
    [InlineData("1.23", "autoscaling/v2beta2", "policy/v1beta1", "batch/v1beta1", false)]
    [InlineData("1.25", "autoscaling/v2", "policy/v1", "batch/v1", true)]
    [InlineData("1.34", "autoscaling/v2", "policy/v1", "batch/v1", true)]
    public void The_newest_form_that_is_served_is_spoken(string version, string scaling, string budgets, string schedules, bool zones)
    {
        var dialect = Of(version);

        Assert.Equal(
            (scaling, budgets, schedules, zones),
            (dialect.Autoscalers.Version, dialect.Budgets.Version, dialect.Schedules.Version, dialect.KnowsTimeZones));
    }

    [Theory]
    [InlineData(1, 21)]
    [InlineData(1, 16)]
    [InlineData(2, 0)]
    [InlineData(0, 9)]
    public void What_is_not_supported_is_refused_by_its_name(int major, int minor)
    {
        var fault = DialectChoice.Choose(new(major, minor, $"v{major}.{minor}.7"), _ => true).Fault!;

        Assert.Equal(FaultKind.Conflict, fault.Kind);
        Assert.Contains($"v{major}.{minor}.7, which Fury does not support: supported are 1.22 and newer", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_of_tomorrow_is_supported_as_long_as_it_serves_what_is_needed()
    {
        Assert.True(DialectChoice.Choose(
            new(1, 99, "v1.99.0"), resource => resource.Version is "apps/v1" or "autoscaling/v2" or "policy/v1" or "batch/v1").IsOk);
        var fault = DialectChoice.Choose(new(1, 99, "v1.99.0"), resource => resource.Version != "policy/v1" && resource.Version != "policy/v1beta1").Fault!;
        Assert.Contains("v1.99.0", fault.Message, StringComparison.Ordinal);
        Assert.Contains("poddisruptionbudgets.policy", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"major": "1", "minor": "27+", "gitVersion": "v1.27.3-eks-a5565ad"}""", 27)]
    [InlineData("""{"major": "1", "minor": "34", "gitVersion": "v1.34.0"}""", 34)]
    public void Versions_of_providers_are_read(string answer, int minor) =>
        Assert.Equal(minor, Discovery.ReadVersion(JsonElement.Parse(answer)).Value.Minor);

    [Fact]
    public void A_server_that_does_not_say_its_version_is_refused() =>
        Assert.Equal(FaultKind.Conflict, Discovery.ReadVersion(JsonElement.Parse("""{"major": ""}""")).Fault!.Kind);

    [Theory]
    [InlineData("1.22")]
    [InlineData("1.23")]
    [InlineData("1.25")]
    [InlineData("1.34")]
    public void The_objects_of_each_version_are_the_approved_ones(string version)
    {
        var dialect = Of(version);
        AssertGolden(version, "autoscaler", PoolObjects.Autoscaler(Given.Workload, Given.Workload.Scaling!, "fury", "uid-1", dialect));
        AssertGolden(version, "budget", PoolObjects.Budget(Given.Workload, "fury", "uid-1", dialect));
        AssertGolden(version, "schedule", JobObjects.Schedule(Given.Schedule, "fury", dialect, Now).Value);
    }

    [Fact]
    public void The_objects_that_are_the_same_in_all_versions_are_the_approved_ones()
    {
        AssertGolden("all", "replicaset-created", PoolObjects.Create(Given.Workload, "fury"));
        AssertGolden("all", "replicaset-applied", PoolObjects.Update(Given.Workload, "fury"));
        AssertGolden("all", "job", JobObjects.Job(Given.Job, "fury"));
    }

    [Theory]
    [InlineData(0, 2, 0)]
    [InlineData(1, 2, 2)]
    [InlineData(5, 2, 5)]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 1)]
    public void A_pool_is_created_between_its_bounds_or_asleep(int replicas, int floor, int created) => Assert.Equal(
        created, (int)PoolObjects.Create(Given.Workload with { Replicas = replicas, Scaling = new(floor, 10) }, "fury")["spec"]!["replicas"]!);

    [Fact]
    public void A_program_of_one_kind_of_machine_goes_to_such_nodes_and_one_of_all_kinds_anywhere()
    {
        Assert.Equal("arm64", (string?)Selector(Architecture.Arm64)["kubernetes.io/arch"]);
        Assert.Null(Selector(Architecture.Amd64, Architecture.Arm64)["kubernetes.io/arch"]);

        static JsonNode Selector(params Architecture[] machines)
        {
            var template = Given.Template with { Artifact = Given.Template.Artifact with { Architectures = machines } };
            return PoolObjects.Create(Given.Workload with { Template = template }, "fury")["spec"]!["template"]!["spec"]!["nodeSelector"]!;
        }
    }

    [Fact]
    public void Replicas_are_never_applied() => Assert.Null(PoolObjects.Update(Given.Workload, "fury")["spec"]!["replicas"]);

    [Fact]
    public void A_digest_knows_what_was_asked_for_and_not_in_which_order()
    {
        var turned = new Dictionary<string, string>(Given.Template.Environment.Reverse());

        Assert.Equal(Digests.Of(Given.Template), Digests.Of(Given.Template with { Environment = turned }));
        Assert.NotEqual(Digests.Of(Given.Template), Digests.Of(Given.Template with { Port = 8081 }));
        Assert.NotEqual(Digests.Of(Given.Workload), Digests.Of(Given.Workload with { Scaling = null }));
        Assert.Equal(Digests.Of(Given.Workload), Digests.Of(Given.Workload with { ClientToken = "other" }));
    }

    private static Dialect Of(string version) => DialectChoice.Choose(
        new(1, int.Parse(version.Split('.')[1]), $"v{version}.0"), resource => Served[version].Contains(resource.Version)).Value;

    private static void AssertGolden(string version, string name, JsonNode actual)
    {
        var path = Path.Combine(Root(AppContext.BaseDirectory), "tests", "Fury.ClusterApi.Tests", "Cases", version, $"{name}.json");
        var text = actual.ToJsonString(Readable) + "\n";
        if (Environment.GetEnvironmentVariable("FURY_GOLDEN") == "write")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        Assert.Equal(File.Exists(path) ? File.ReadAllText(path) : "(no approved file)", text);
    }

    private static string Root(string folder) => File.Exists(Path.Combine(folder, "Fury.sln")) ? folder : Root(Path.GetDirectoryName(folder)!);
}
