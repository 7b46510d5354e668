using System.Text.Json;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Host.Tests;

public sealed class ErrorsPageTests
{
    [Fact]
    public void Every_kind_of_fault_has_its_row_with_its_status()
    {
        var rows = File.ReadAllLines(Path.Combine(Root(AppContext.BaseDirectory), "docs", "errors.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .ToList();

        Assert.Equal(
            Enum.GetValues<FaultKind>().Select(kind => ($"`{JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString())}`", $"{Answers.StatusOf(kind)}")),
            rows.Select(row => (row[1], row[2])));
        Assert.All(rows, row => Assert.All(row[3..6], cell => Assert.NotEqual("", cell)));
    }

    private static string Root(string folder) =>
        File.Exists(Path.Combine(folder, "Fury.sln")) ? folder : Root(Path.GetDirectoryName(folder)!);
}
