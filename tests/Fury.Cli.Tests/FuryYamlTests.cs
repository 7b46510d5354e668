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
    [InlineData("application:\n  - hello", "fury.yaml:1: application must be one name.")]
    [InlineData("application:", "fury.yaml:1: application must be one name.")]
    [InlineData("application: hello\nversion: 1.0", "fury.yaml:2: version must be a semantic version such as 1.4.0")]
    [InlineData("application: hello\napplication: shop", "fury.yaml:2:")]
    public void What_is_wrong_is_told_with_its_line(string text, string told)
    {
        var failure = Assert.Throws<CommandFailure>(() => FuryYaml.Parse("fury.yaml", text));

        Assert.Equal(ExitCode.Usage, failure.ExitCode);
        Assert.Contains(told, string.Join('\n', [failure.Message, .. failure.Lines]));
    }
}
