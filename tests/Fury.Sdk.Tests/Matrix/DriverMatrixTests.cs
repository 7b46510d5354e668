using System.Runtime.CompilerServices;

namespace Fury.Sdk.Tests.Matrix;

/// <summary>The table of drivers in the documentation is what the code says. <c>./dev golden</c> rewrites it.</summary>
public sealed class DriverMatrixTests
{
    private const string Head = """
        # What the drivers of Fury.Sdk can do

        Made from the code by `./dev golden`; a test holds it. What a capability means is said in [Fury.Sdk](sdk.md#what-is-promised).

        Each row is a driver for one kind of service. What it *has* is what it declares and what a test of the conformance suite has shown; with `?` there is
        no such test, and the driver's word stands; with `~` it is emulated over the provider. A service that requires what the driver *lacks* is not bound to
        it. A **fake** is a server of ours that takes what the public reference of the service says, and refuses all else; an emulator is somebody else's. In
        the last column is the service that the driver is for, where no test has ever spoken to it.

        | driver | kind | has | lacks | transports | runs in the tests against | never run against |
        |---|---|---|---|---|---|---|
        """;

    private static string Page => Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../docs/sdk-matrix.md");

    [Fact]
    public async Task The_page_says_what_the_code_says()
    {
        var rows = await DriverMatrix.Rows();
        var actual = $"{Head}\n{string.Join('\n', rows)}\n";
        if (Environment.GetEnvironmentVariable("FURY_GOLDEN") == "write")
        {
            await File.WriteAllTextAsync(Page, actual);
        }

        Assert.Equal(File.Exists(Page) ? await File.ReadAllTextAsync(Page) : "(no page; run ./dev golden)", actual);
    }

    [Fact]
    public async Task Every_driver_runs_against_something_and_every_test_is_of_a_driver()
    {
        Assert.DoesNotContain(await DriverMatrix.Rows(), row => row.Contains("**nothing**", StringComparison.Ordinal));
        Assert.Empty(DriverMatrix.Strangers());
    }

    [Fact]
    public async Task What_is_a_fake_says_that_the_service_was_never_asked() => Assert.All(
        await DriverMatrix.Rows(),
        row => Assert.False(row.Contains("fake", StringComparison.Ordinal) && row.EndsWith("|  |", StringComparison.Ordinal), row));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
