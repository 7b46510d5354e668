using Fury.Kernel;

namespace Fury.Cli.Output;

/// <summary>A table of aligned columns without borders: easy on the eye, and on awk.</summary>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> _rows = [headings];
    private readonly Dictionary<int, string[]> _under = [];

    public TextTable Row(params string?[] cells)
    {
        _rows.Add([.. cells.Select(cell => string.IsNullOrEmpty(cell) ? "-" : Plain.Text(cell))]);
        return this;
    }

    /// <summary>Lines of their own under the last row, from its second column on.</summary>
    public void Under(IEnumerable<string> lines) => _under[_rows.Count - 1] = [.. lines.Select(Plain.Text)];

    public void Write(TextWriter output, string indent = "")
    {
        var widths = headings.Select((_, column) => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var (index, row) in _rows.Index())
        {
            output.WriteLine(indent + string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
            foreach (var line in _under.GetValueOrDefault(index, []))
            {
                output.WriteLine($"{indent}{new string(' ', widths[0])}  {line}");
            }
        }
    }

    /// <summary>A page of a list, and how to get the next one; a sentence when there is nothing.</summary>
    public static void WritePage<T>(TextWriter output, Page<T> page, string nothing, string[] headings, Func<T, string?[]> cells)
    {
        if (page.Items.Count > 0)
        {
            var table = new TextTable(headings);
            foreach (var item in page.Items)
            {
                table.Row(cells(item));
            }

            table.Write(output);
        }
        else if (page.Next is null)
        {
            output.WriteLine(nothing);
        }

        if (page.Next is { } next)
        {
            output.WriteLine($"There are more: --after {Plain.Text(next)}");
        }
    }

    /// <summary>One thing: a name and a value a line.</summary>
    public static void WriteFacts(TextWriter output, params (string Name, string? Value)[] facts)
    {
        var width = facts.Max(fact => fact.Name.Length);
        foreach (var (name, value) in facts)
        {
            output.WriteLine($"{name.PadRight(width)}  {(string.IsNullOrEmpty(value) ? "-" : Plain.Text(value))}");
        }
    }
}
