using System.Diagnostics;

namespace Hello;

/// <summary>The settings of the moment: those of the environment, and over them what the faults file says of this copy.</summary>
/// <param name="file">
/// HELLO_FAULTS_FILE, which may come, change and go while this copy runs. A line is <c>WHO SETTING=VALUE …</c>: who is <c>*</c>, a version or the address
/// of one copy, and the settings are named as in the environment. Later lines win.
/// </param>
internal sealed class Faults(Settings settings, string? file)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private volatile Settings? _now;
    private long _lookedAt;

    public Settings Now
    {
        get
        {
            var lookedAt = Interlocked.Read(ref _lookedAt);
            if (file is not null
                && (lookedAt == 0 || Stopwatch.GetElapsedTime(lookedAt) > LookEvery)
                && Interlocked.CompareExchange(ref _lookedAt, Stopwatch.GetTimestamp(), lookedAt) == lookedAt)
            {
                _now = Look(file);
            }

            return _now ?? settings;
        }
    }

    private Settings Look(string file)
    {
        var said = new Dictionary<string, string>();
        foreach (var line in File.Exists(file) ? File.ReadAllLines(file) : [])
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0 && (words[0] == "*" || words[0] == settings.Version || words[0] == settings.Address.ToString()))
            {
                foreach (var (name, value) in words[1..].Select(word => word.Split('=', 2)).Where(pair => pair.Length == 2).Select(pair => (pair[0], pair[1])))
                {
                    said[name] = value;
                }
            }
        }

        return said.Count == 0 ? settings : Settings.From(name => said.GetValueOrDefault(name) ?? Environment.GetEnvironmentVariable(name));
    }
}
