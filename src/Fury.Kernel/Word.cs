using System.Text.Json;

namespace Fury.Kernel;

/// <summary>The members of closed lists as people and JSON write them: <c>blue-green</c>.</summary>
public static class Word
{
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    /// <summary>All words of the list, in its order.</summary>
    public static IEnumerable<string> All<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(Of);

    /// <summary>Null when the list has no such word.</summary>
    public static T? Find<T>(string word)
        where T : struct, Enum => Enum.GetValues<T>().Select(value => (T?)value).FirstOrDefault(value => Of(value!.Value) == word);

    /// <exception cref="FormatException">The list has no such word.</exception>
    public static T Read<T>(string word)
        where T : struct, Enum => Find<T>(word) ?? throw new FormatException($"'{word}' is none of {string.Join(", ", All<T>())}.");
}
