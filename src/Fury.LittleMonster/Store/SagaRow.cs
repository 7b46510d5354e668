using Npgsql;

namespace Fury.LittleMonster;

/// <summary>A row of <c>lm.saga</c> or <c>lm.done</c> as it is read, before its definition is looked up.</summary>
internal sealed record SagaRow(short Definition, SagaRecord Saga, DateTimeOffset? EndedAt)
{
    public const string LiveColumns =
        "s.id, s.key, s.def, s.ver, s.started_at, s.deadline, s.input, s.state, "
        + "s.step, s.dir, s.attempt, s.seq, s.due_at, s.flags, s.data, s.parent, s.trace, null::timestamptz";

    public const string DoneColumns =
        "d.id, d.key, d.def, d.ver, d.started_at, d.deadline, d.input, d.outcome, "
        + "d.step, 0::smallint, d.attempt, d.seq, null::timestamptz, 0, d.data, d.parent, d.trace, d.ended_at";

    private const int IntentFlag = 1;

    public static int Flags(SagaRecord saga) => saga.Intent ? IntentFlag : 0;

    /// <summary>The columns in the order of <see cref="LiveColumns"/>. The definition's name is filled in by the caller.</summary>
    public static SagaRow Read(NpgsqlDataReader reader)
    {
        var key = reader.GetString(1);
        var saga = new SagaRecord
        {
            Id = new SagaId(reader.GetInt64(0)),
            Key = key,
            Shard = SagaToken.Shard(key),
            Name = "",
            Version = reader.GetInt16(3),
            StartedAt = reader.GetFieldValue<DateTimeOffset>(4),
            Deadline = reader.GetFieldValue<DateTimeOffset>(5),
            Input = reader.GetFieldValue<byte[]>(6),
            State = (SagaState)reader.GetInt16(7),
            Step = reader.GetInt16(8),
            Undoing = reader.GetInt16(9) == 1,
            Attempt = reader.GetInt32(10),
            Seq = reader.GetInt32(11),
            DueAt = reader.IsDBNull(12) ? null : reader.GetFieldValue<DateTimeOffset>(12),
            Intent = (reader.GetInt32(13) & IntentFlag) != 0,
            Parent = reader.IsDBNull(15) ? null : new SagaId(reader.GetInt64(15)),
            Trace = reader.IsDBNull(16) ? null : reader.GetString(16),
            Recovered = true,
        };
        return new SagaRow(
            reader.GetInt16(2),
            SagaCodec.Apply(saga, reader.GetFieldValue<byte[]>(14)),
            reader.IsDBNull(17) ? null : reader.GetFieldValue<DateTimeOffset>(17));
    }
}
