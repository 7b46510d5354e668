using System.Runtime.CompilerServices;
using System.Text;

namespace Fury.Processes;

/// <summary>What a process has written: one file that grows, and a few that were rotated away.</summary>
internal static class OutputLog
{
    public const int TailMax = 10_000;

    private const int ChunkBytes = 64 * 1024;
    private static readonly TimeSpan FollowInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Copies a file that has grown to <paramref name="bytesMax"/> aside and cuts it, which works since the process appends. A line that is
    /// written between the copy's last byte and the cut is lost; the copy is read to its very end to keep that moment short.
    /// </summary>
    public static void Rotate(LogFiles files, long bytesMax, int filesMax)
    {
        if (!File.Exists(files.Current) || new FileInfo(files.Current).Length < bytesMax)
        {
            return;
        }

        for (var number = filesMax; number > 1; number--)
        {
            if (File.Exists(files.Rotated(number - 1)))
            {
                File.Move(files.Rotated(number - 1), files.Rotated(number), overwrite: true);
            }
        }

        using var from = new FileStream(files.Current, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        using var to = new FileStream(files.Rotated(1), FileMode.Create, FileAccess.Write, FileShare.Read);
        from.CopyTo(to);
        from.SetLength(0);
    }

    /// <summary>The last lines, then, with <paramref name="follow"/>, new ones until cancelled.</summary>
    public static async IAsyncEnumerable<string> Read(
        LogFiles files, int tail, bool follow, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (lines, position) = Tail(files, Math.Clamp(tail, 0, TailMax));
        foreach (var line in lines)
        {
            yield return line;
        }

        var partial = new List<byte>();
        while (follow)
        {
            await Task.Delay(FollowInterval, clock, cancellation);
            var fresh = new List<string>();
            if (Length(files.Current) < position)
            {
                // It was rotated since; what came between is at the end of the copy.
                ReadFrom(files.Rotated(1), position, partial, fresh);
                position = 0;
            }

            position = ReadFrom(files.Current, position, partial, fresh);
            foreach (var line in fresh)
            {
                yield return line;
            }
        }
    }

    private static (IEnumerable<string> Lines, long Position) Tail(LogFiles files, int tail)
    {
        var partial = new List<byte>();
        var newest = new List<string>();
        var position = ReadFrom(files.Current, 0, partial, newest);
        position -= partial.Count;
        IEnumerable<string> lines = newest;
        for (var number = 1; newest.Count < tail && File.Exists(files.Rotated(number)); number++)
        {
            var older = new List<string>();
            ReadFrom(files.Rotated(number), 0, [], older);
            newest = [.. older, .. newest];
            lines = newest;
        }

        return (lines.TakeLast(tail), position);
    }

    private static long Length(string file) => File.Exists(file) ? new FileInfo(file).Length : 0;

    /// <summary>Adds the whole lines from <paramref name="position"/> on; what begins a line stays in <paramref name="partial"/>.</summary>
    private static long ReadFrom(string file, long position, List<byte> partial, List<string> lines)
    {
        if (!File.Exists(file))
        {
            return position;
        }

        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = position;
        var chunk = new byte[ChunkBytes];
        int count;
        while ((count = stream.Read(chunk)) > 0)
        {
            position += count;
            foreach (var value in chunk.AsSpan(0, count))
            {
                if (value != (byte)'\n')
                {
                    partial.Add(value);
                    continue;
                }

                lines.Add(Encoding.UTF8.GetString([.. partial]).TrimEnd('\r'));
                partial.Clear();
            }
        }

        return position;
    }
}
