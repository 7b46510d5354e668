using Fury.Testing;
using Google.Protobuf.Reflection;

namespace Fury.Xds.Tests.Wire;

/// <summary>Our protos beside the official ones: what we have must be there as well, and be the same.</summary>
internal static class WireComparison
{
    /// <summary>One sentence for each message, field, enum and value that the official protos do not have, or have otherwise.</summary>
    public static async Task<IReadOnlyList<string>> Mismatches(FileDescriptor file)
    {
        List<string> mismatches = [];
        foreach (var message in Messages(file))
        {
            await Compare(message.FullName, message.Fields.InFieldNumberOrder().ToDictionary(field => field.Name, Describe), mismatches);
        }

        foreach (var values in Enums(file))
        {
            await Compare(values.FullName, values.Values.ToDictionary(value => value.Name, value => $"{value.Number}"), mismatches);
        }

        return mismatches;
    }

    public static IEnumerable<MessageDescriptor> Messages(FileDescriptor file) => file.MessageTypes.SelectMany(WithNested);

    public static IEnumerable<EnumDescriptor> Enums(FileDescriptor file) =>
        file.EnumTypes.Concat(Messages(file).SelectMany(message => message.EnumTypes));

    private static async Task Compare(string name, Dictionary<string, string> ours, List<string> mismatches)
    {
        IReadOnlyDictionary<string, string> official;
        try
        {
            official = await OfficialProtos.Describe(name);
        }
        catch (InvalidOperationException failure)
        {
            mismatches.Add($"{name}: {failure.Message}");
            return;
        }

        mismatches.AddRange(
            from member in ours
            let theirs = official.GetValueOrDefault(member.Key, "nothing")
            where theirs != member.Value
            select $"{name}.{member.Key}: ours is '{member.Value}', the official '{theirs}'");
    }

    /// <summary>A map's entry is a message that the generator makes.</summary>
    private static IEnumerable<MessageDescriptor> WithNested(MessageDescriptor message) =>
        message.NestedTypes.Where(nested => nested.GetOptions()?.MapEntry != true).SelectMany(WithNested).Prepend(message);

    private static string Describe(FieldDescriptor field)
    {
        var type = field.IsMap
            ? $"map<{TypeOf(field.MessageType.FindFieldByNumber(1))}, {TypeOf(field.MessageType.FindFieldByNumber(2))}>"
            : field.IsRepeated ? $"repeated {TypeOf(field)}" : TypeOf(field);
        return $"{type} = {field.FieldNumber}{(field.ContainingOneof is { } choice ? $" in {choice.Name}" : "")}";
    }

    private static string TypeOf(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => field.MessageType.FullName,
        FieldType.Enum => $"enum {field.EnumType.FullName}",
        var scalar => scalar.ToString().ToLowerInvariant(),
    };
}
