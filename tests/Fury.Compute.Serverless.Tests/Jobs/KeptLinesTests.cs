using System.Text;
using Fury.Compute.Serverless.Jobs;

namespace Fury.Compute.Serverless.Tests.Jobs;

public sealed class KeptLinesTests
{
    [Fact]
    public void The_last_lines_are_kept_in_so_many_bytes_whatever_they_are()
    {
        const int seed = 20261127;
        var random = new Random(seed);
        var kept = new KeptLines();
        List<RunLine> all = [];
        for (var line = 0; line < 3000; line++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(0, 300)).Select(_ => random.Next(3) == 0 ? "🦀" : "ä"));
            all.Add(new(null, 1, text));
            kept.Add(all[^1]);
        }

        Assert.InRange(kept.All.Sum(line => Encoding.UTF8.GetByteCount(line.Text) + 1), KeptLines.BytesMax - 2000, KeptLines.BytesMax);
        Assert.True(all.TakeLast(kept.All.Length).SequenceEqual(kept.All), $"seed {seed}");
    }

    [Fact]
    public void A_line_that_is_too_long_is_cut_and_never_in_the_middle_of_a_character()
    {
        var kept = new KeptLines();
        kept.Add(new(null, 1, $"x{string.Concat(Enumerable.Repeat("🦀", KeptLines.LineLengthMax))}"));

        var text = Assert.Single(kept.All).Text;
        Assert.Equal(text, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));
        Assert.EndsWith("🦀…", text);
    }
}
