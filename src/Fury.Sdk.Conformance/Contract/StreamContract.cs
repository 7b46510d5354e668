using Fury.Sdk.Streams;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Contract;

internal static class StreamContract
{
    private static readonly Section Stream = new(ServiceKind.Stream, ConformanceLevel.Contract);

    public static IEnumerable<ConformanceTest> Tests =>
    [
        Stream.Core("stream: records of a key stay in order", async run =>
        {
            var stream = await Open(run);
            for (var index = 0; index < 20; index++)
            {
                await stream.AppendAsync(new StreamAppend($"k{index % 4}", Bytes($"{index}")));
            }

            var records = await Everything(stream);
            Equal(20, records.Count);
            foreach (var key in records.GroupBy(record => record.Key))
            {
                Sequence(key.Select(record => int.Parse(Text(record.Body))).Order(), key.Select(record => int.Parse(Text(record.Body))));
                Equal(1, key.Select(record => record.Partition).Distinct().Count());
            }
        }),
        Stream.Core("stream: reading goes on after a position", async run =>
        {
            var stream = await Open(run);
            List<StreamPosition> positions = [];
            for (var index = 0; index < 5; index++)
            {
                positions.Add(await stream.AppendAsync(new StreamAppend("k", Bytes($"{index}"))));
            }

            var partition = (await Everything(stream))[0].Partition;
            var rest = await All(stream.Read(partition, positions[2]));
            Sequence(["3", "4"], rest.Select(record => Text(record.Body)));
            Equal(0, (await All(stream.Read(partition, positions[4]))).Count);
        }),
        Stream.Core("stream: headers are kept", async run =>
        {
            var stream = await Open(run);
            await stream.AppendAsync(new StreamAppend("k", Bytes("x")) { Headers = new Dictionary<string, string> { ["Type"] = "ключ" } });
            Equal("ключ", (await Everything(stream))[0].Headers["Type"]);
        }),
        Stream.Core("stream: pages give every record once", async run =>
        {
            var stream = await Open(run);
            for (var index = 0; index < 10; index++)
            {
                await stream.AppendAsync(new StreamAppend("k", Bytes($"{index}")));
            }

            List<string> seen = [];
            foreach (var partition in await stream.GetPartitionsAsync())
            {
                await foreach (var page in stream.Read(partition).AsPages(pageSize: 3))
                {
                    seen.AddRange(page.Items.Select(record => Text(record.Body)));
                }
            }

            Sequence(Enumerable.Range(0, 10).Select(index => $"{index}"), seen);
        }),
        Stream.With(StreamCapabilities.Groups, "stream: a group goes on at its checkpoint", async run =>
        {
            var stream = await Open(run);
            await stream.AppendAsync(new StreamAppend("k", Bytes("1")));
            var second = await stream.AppendAsync(new StreamAppend("k", Bytes("2")));
            var partition = (await Everything(stream))[0].Partition;
            await stream.AppendAsync(new StreamAppend("k", Bytes("3")));
            await WithReader(run, stream, partition, reader => reader.CheckpointAsync(second));
            await WithReader(run, stream, partition, async reader =>
            {
                await foreach (var batch in reader.ReadAsync())
                {
                    Sequence(["3"], batch.Select(record => Text(record.Body)));
                    break;
                }
            });
        }),
        Stream.With(StreamCapabilities.Groups, "stream: a checkpoint never goes back", async run =>
        {
            var stream = await Open(run);
            var first = await stream.AppendAsync(new StreamAppend("k", Bytes("1")));
            var second = await stream.AppendAsync(new StreamAppend("k", Bytes("2")));
            await stream.AppendAsync(new StreamAppend("k", Bytes("3")));
            var partition = (await Everything(stream))[0].Partition;
            await WithReader(run, stream, partition, async reader =>
            {
                await reader.CheckpointAsync(second);
                await reader.CheckpointAsync(first);
            });
            await WithReader(run, stream, partition, async reader =>
            {
                await foreach (var batch in reader.ReadAsync())
                {
                    Sequence(["3"], batch.Select(record => Text(record.Body)));
                    break;
                }
            });
        }),
    ];

    private static Task<EventStream> Open(ConformanceRun run) => run.Open(ServiceKind.Stream, (fury, name) => fury.Stream(name));

    private static async Task<List<StreamRecord>> Everything(EventStream stream)
    {
        List<StreamRecord> records = [];
        foreach (var partition in await stream.GetPartitionsAsync())
        {
            records.AddRange(await All(stream.Read(partition)));
        }

        return records;
    }

    /// <summary>Joins until the group gives this partition, uses it, and leaves.</summary>
    private static async Task WithReader(ConformanceRun run, EventStream stream, string partition, Func<StreamPartitionReader, Task> use)
    {
        await foreach (var reader in stream.JoinGroupAsync("g"))
        {
            if (reader.Partition == partition)
            {
                await use(reader);
                break;
            }
        }

        await run.Advance(TimeSpan.Zero);
    }
}
