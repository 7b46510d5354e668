using System.Runtime.CompilerServices;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Streams;

internal sealed class PortableEventStream : EventStream
{
    private const int BodyBytesMax = 192 * 1024;
    private const int BatchMax = 500;

    private static readonly Operation Append = new("append", Effect.Once);
    private static readonly Operation ReadPage = new("read", Effect.Read);
    private static readonly Operation Partitions = new("get-partitions", Effect.Read);

    private readonly ServiceChannel<IStreamDriver> _channel;

    public PortableEventStream(ServiceChannel<IStreamDriver> channel)
        : base(channel.Service)
    {
        _channel = channel;
        Follow(channel);
    }

    public override async Task<StreamPosition> AppendAsync(StreamAppend record, CancellationToken cancellationToken = default)
    {
        Check.NotNull("record", record);
        Check.Key("Key", record.Key, 256);
        Check.Size("The body", record.Body.Length, BodyBytesMax, "Keep it as an object, and append its key.");
        foreach (var name in record.Headers.Keys)
        {
            Check.Key("The name of a header", name, 64);
        }

        return await _channel.Invoke(
            Append, null, record, static (driver, _, each, stop) => driver.AppendAsync(each, stop), cancellationToken);
    }

    public override async Task<IReadOnlyList<BatchItem<int, StreamPosition>>> AppendManyAsync(
        IReadOnlyList<StreamAppend> records, CancellationToken cancellationToken = default)
    {
        Check.NotNull("records", records);
        Check.Between("The number of records", records.Count, 1, BatchMax);
        var results = new BatchItem<int, StreamPosition>[records.Count];
        var failedKeys = new HashSet<string>();
        for (var index = 0; index < results.Length; index++)
        {
            try
            {
                // After a failure the later ones of its key would overtake it.
                results[index] = records[index] is { } record && failedKeys.Contains(record.Key)
                    ? new(index, default, new FuryException(FuryErrorCode.Aborted, $"An earlier record of the key {Check.Show(record.Key)} failed."))
                    : new(index, await AppendAsync(records[index], cancellationToken), null);
            }
            catch (FuryException failure)
            {
                failedKeys.Add(records[index]?.Key ?? "");
                results[index] = new(index, default, failure);
            }
        }

        return results;
    }

    public override async Task<IReadOnlyList<string>> GetPartitionsAsync(CancellationToken cancellationToken = default) =>
        await _channel.Invoke(Partitions, null, 0, static (driver, _, _, stop) => driver.GetPartitionsAsync(stop), cancellationToken);

    public override Paged<StreamRecord> Read(string partition, StreamPosition after = default)
    {
        Check.Key("partition", partition, 256);
        return new CursorPaged<StreamRecord>(async (cursor, limit, stop) =>
        {
            var records = await _channel.Invoke(
                ReadPage,
                null,
                (partition, From: cursor is null ? new StreamPosition(after.Value ?? "") : new StreamPosition(cursor), limit),
                static (driver, _, state, token) => driver.ReadAsync(state.partition, state.From, state.limit, TimeSpan.Zero, token),
                stop);
            return new Slice<StreamRecord>(records, records.Count < limit ? null : records[^1].Position.Value);
        });
    }

    public override async IAsyncEnumerable<StreamPartitionReader> JoinGroupAsync(
        string group, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Check.Key("group", group, 256);
        _channel.Require(StreamCapabilities.Groups, "A group");
        await using var member = new GroupMember(_channel, group);
        await foreach (var reader in member.Join(cancellationToken))
        {
            yield return reader;
        }
    }
}
