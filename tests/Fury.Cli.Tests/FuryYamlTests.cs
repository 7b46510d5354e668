using Fury.Cli.CommandLine;
using Fury.Cli.Project;

namespace Fury.Cli.Tests;

public sealed class FuryYamlTests
{
    [Theory]
    [InlineData("", null, null, null)]
    [InlineData("# only a comment\n", null, null, null)]
    [InlineData("application: hello", "hello", null, null)]
    [InlineData("application: \"hello\"\nscope: production-web\nversion: 1.0.0\n", "hello", "production-web", "1.0.0")]
    public void What_it_says(string text, string? application, string? scope, string? version) =>
        Assert.Equal(new FuryYaml(application, scope, version), FuryYaml.Parse("fury.yaml", text));

    [Theory]
    [InlineData("application: [", "is no YAML: ")]
    [InlineData("- hello", "fury.yaml must be one mapping such as 'application: hello'.")]
    [InlineData("hello", "fury.yaml must be one mapping such as 'application: hello'.")]
    [InlineData("application: hello\n---\nscope: production-web", "fury.yaml must be one mapping")]
    [InlineData("application: Hello", "fury.yaml:1: application must be 2 to 40 lower-case letters")]
    [InlineData("application:\n  - hello", "starting with a letter and not ending with a hyphen, not a list.")]
    [InlineData("application:", "not nothing.")]
    [InlineData("application: hello\nversion: 1.0", "fury.yaml:2: version must be a semantic version such as 1.4.0")]
    [InlineData("applications: {shop: {team: a, scops: {}}}", "fury.yaml:1: 'applications.shop.scops' is not known: applications.shop has team,")]
    [InlineData("applications:\n  shop: {}", "fury.yaml:2: applications.shop must have team: text of one line")]
    [InlineData("applications:\n  Shop: {team: a}", "fury.yaml:2: a key of applications must be 2 to 40 lower-case letters")]
    [InlineData(
        "applications:\n  shop:\n    team: a\n    scopes: {production-web: {minReplicas: 0}}",
        "fury.yaml:4: applications.shop.scopes.production-web.minReplicas must be a whole number from 1 to 1000, not '0'.")]
    [InlineData("applications: {shop: {team: a, scopes: {production-web: {minReplicas: \"3\"}}}}", "a whole number from 1 to 1000, not '3'.")]
    [InlineData("applications: {shop: {team: a, scopes: {production-web: {compute: cloud}}}}", "compute must be one of standard, serverless, not 'cloud'.")]
    [InlineData("applications: {shop: {team: a, scopes: {production-web: {routing: {http2: 1}}}}}", "routing.http2 must be true or false, not '1'.")]
    [InlineData("applications: {shop: {team: 7}}", "1 to 60 characters, not 7: write \"7\" if it is meant as text.")]
    [InlineData("applications: {shop: {team: a, scopes: {production-web: {dependencies: bank}}}}", "dependencies must be a list, each application/scope")]
    [InlineData("applications: {shop: {team: a, services: {sql: [a]}}}", "'applications.shop.services.sql' is not known:")]
    [InlineData("freezes: {xmas: {reason: r, from: tomorrow}}", "freezes.xmas.from must be a time such as 2026-12-23T18:00Z, not 'tomorrow'.")]
    [InlineData("applications: {shop: {team: a, scopes: {production-web: {deploy: {steps: [{gate: timed}]}}}}}", "deploy.steps[0] must have weight: ")]
    [InlineData("application: hello\napplication: shop", "fury.yaml:2:")]
    public void What_is_wrong_is_told_with_its_line(string text, string told)
    {
        var failure = Assert.Throws<CommandFailure>(() => FuryYaml.Parse("fury.yaml", text));

        Assert.Equal(ExitCode.Usage, failure.ExitCode);
        Assert.Contains(told, string.Join('\n', [failure.Message, .. failure.Lines]));
    }

    [Fact]
    public void What_is_declared_once_is_what_commands_are_about() =>
        Assert.Equal(
            new FuryYaml("shop", "production-web", null),
            FuryYaml.Parse("fury.yaml", "applications:\n  shop:\n    team: a\n    scopes:\n      production-web:\n"));

    [Fact]
    public void A_file_that_names_the_same_again_and_again_is_not_read_without_end()
    {
        var lines = Enumerable.Range(1, 30).Select(level => $"x{level}: &x{level} [*x{level - 1}, *x{level - 1}, *x{level - 1}]");
        const string Start = "freezes: {weekend: {reason: r, covers: {teams: &x0 [a, a, a]}}}";

        Assert.Throws<CommandFailure>(() => FuryYaml.Parse("fury.yaml", string.Join('\n', [Start, .. lines])));
    }
}
