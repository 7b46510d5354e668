using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Fury.Sdk.Bindings;

/// <summary>
/// Bindings of a file, which is looked at each second: for development, for tests, and where something else than the platform writes it. A service that it
/// does not name is a mistake, and not quietly in memory. A file that has become wrong changes nothing, and is complained of once.
/// </summary>
internal sealed partial class FileBindingSource(string path, TimeProvider clock, ILogger log) : IBindingSource
{
    public const string Variable = "FURY_BINDINGS_FILE";

    private const int FileBytesMax = 1 << 20;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Dictionary<(ServiceKind Kind, string Service), ServiceBinding> _told = [];

    public async IAsyncEnumerable<ServiceBinding> WatchAsync(
        IReadOnlyList<ServiceNeed> needs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (before, complaint) = (Array.Empty<byte>(), "");
        while (true)
        {
            IReadOnlyList<ServiceBinding> bindings = [];
            try
            {
                var text = await Read(cancellation);
                if (!text.AsSpan().SequenceEqual(before))
                {
                    bindings = Named(BindingsFile.Parse(path, text), needs);
                    (before, complaint) = (text, "");
                }
            }
            catch (FuryException bad) when (_told.Count > 0)
            {
                if (bad.Message != complaint)
                {
                    IsWrong(log, complaint = bad.Message);
                }
            }

            foreach (var binding in bindings)
            {
                if (Next(binding) is { } next)
                {
                    yield return next;
                }
            }

            await Task.Delay(Period, clock, cancellation);
        }
    }

    public void Report(ServiceBinding binding, FuryException? refusal) => Following.Tell(log, binding, refusal);

    private async Task<byte[]> Read(CancellationToken cancellation)
    {
        try
        {
            var length = new FileInfo(path).Length;
            return length <= FileBytesMax
                ? await File.ReadAllBytesAsync(path, cancellation)
                : throw Failure.TooLarge(path, length, FileBytesMax, "Bindings are a few hundred bytes each.");
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw Failure.Invalid($"{path}, which names the bindings, cannot be read: {denied.Message}");
        }
    }

    /// <summary>Of those that are needed; each of them must be there.</summary>
    private IReadOnlyList<ServiceBinding> Named(IReadOnlyList<ServiceBinding> bindings, IReadOnlyList<ServiceNeed> needs) =>
        Following.Missing(bindings, needs) is { Count: > 0 } missing
            ? throw new FuryException(FuryErrorCode.NotBound, $"{path} binds nothing to {string.Join(", ", missing)}.")
            : Following.Needed(bindings, needs);

    /// <summary>Null when it says what it said before.</summary>
    private ServiceBinding? Next(ServiceBinding binding)
    {
        var before = _told.GetValueOrDefault((binding.Kind, binding.Service));
        var isSame = before is not null && IsSame(before.Route, binding.Route) && before.Move?.Phase == binding.Move?.Phase
            && (before.Move is not { } move || IsSame(move.Target, binding.Move!.Target));
        if (isSame && (binding.Epoch == 0 || binding.Epoch == before!.Epoch))
        {
            return null;
        }

        return _told[(binding.Kind, binding.Service)] = binding.Epoch > 0 ? binding : binding with { Epoch = (before?.Epoch ?? 0) + 1 };
    }

    private static bool IsSame(ServiceRoute one, ServiceRoute other) =>
        one with { Dialect = other.Dialect } == other && one.Dialect.Count == other.Dialect.Count && !one.Dialect.Except(other.Dialect).Any();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The bindings stay as they are: {Why}")]
    private static partial void IsWrong(ILogger log, string why);
}
