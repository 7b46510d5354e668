using Fury.Deployments.Sources;
using Microsoft.Extensions.Configuration;

namespace Fury.Deployments.Tests.Sources;

public sealed class SourceOptionsTests
{
    private const string Of = "Fury:Metrics:Sources:";

    [Fact]
    public void Sources_are_read_with_their_secrets_from_files_or_the_environment_and_print_none()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "t0ken\n");
        var sources = Read(
            ("prom:Kind", "prometheus"), ("prom:Url", "https://prom.example.com/prometheus/"), ("prom:TokenFile", file), ("prom:PeriodSeconds", "30"),
            ("dog:Kind", "datadog"), ("dog:ApiKey", "api-k3y"), ("dog:ApplicationKey", "app-k3y"), ("dog:Label", "pool"));

        var (dog, prom) = (sources.Single(one => one.Name == "dog"), sources.Single(one => one.Name == "prom"));
        Assert.Equal((SourceKind.Prometheus, "https://prom.example.com/prometheus", "t0ken"), (prom.Kind, $"{prom.Url}", prom.Token!.Read()));
        Assert.Equal((TimeSpan.FromSeconds(30), "fury_pool"), (prom.Period, prom.Label));
        Assert.Equal(("https://api.datadoghq.com/", "pool", "app-k3y"), ($"{dog.Url}", dog.Label, dog.ApplicationKey!.Read()));
        File.WriteAllText(file, "an0ther\n");
        Assert.Equal("an0ther", prom.Token!.Read());
        Assert.DoesNotContain("t0ken", $"{prom}", StringComparison.Ordinal);
        Assert.DoesNotContain("k3y", $"{dog}", StringComparison.Ordinal);
        File.Delete(file);
    }

    [Theory]
    [InlineData("Kind", "graphite", "prom:Kind must be one of prometheus, datadog, and is 'graphite'.")]
    [InlineData("Url", null, "prom:Url must be an https address such as https://prometheus.example.com, or http to this machine, without")]
    [InlineData("Url", "http://prom.example.com", "prom:Url must be an https address")]
    [InlineData("Url", "https://me:passw0rd@prom.example.com", "prom:Url must be an https address")]
    [InlineData("Url", "https://prom.example.com/?x=1", "prom:Url must be an https address")]
    [InlineData("Label", "fury-pool", "prom:Label must be a label of letters")]
    [InlineData("PeriodSeconds", "0", "prom:PeriodSeconds must be 1 to 30, and is '0'.")]
    [InlineData("TokenFile", "/nowhere/token", "prom:TokenFile names a file that can't be read: '/nowhere/token'")]
    [InlineData("Token", "two words", "prom:Token must be 1 to 4096 printable ASCII characters without spaces, and is not.")]
    [InlineData("Tokn", "x", "prom:Tokn is no setting of a source; there are Kind, Url, Label, PeriodSeconds, Token, TokenFile.")]
    public void What_is_wrong_is_said_in_one_sentence_without_secrets(string key, string? value, string sentence)
    {
        Dictionary<string, string?> settings = new() { ["prom:Kind"] = "prometheus", ["prom:Url"] = "http://localhost:9090" };
        settings[$"prom:{key}"] = value;
        var wrong = Assert.Throws<InvalidOperationException>(() => Read([.. settings.Select(one => (one.Key, one.Value))]));

        Assert.StartsWith(Of + sentence, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("passw0rd", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("two words", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        var wrong = Assert.Throws<InvalidOperationException>(() => Read(("dog:Kind", "datadog"), ("dog:PeriodSeconds", "x")));

        Assert.All(["dog:PeriodSeconds", "dog:ApiKeyFile", "dog:ApplicationKeyFile"], part => Assert.Contains(part, wrong.Message, StringComparison.Ordinal));
    }

    private static IReadOnlyList<SourceOptions> Read(params (string Key, string? Value)[] settings) => SourceOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(one => KeyValuePair.Create(Of + one.Key, one.Value))).Build());
}
