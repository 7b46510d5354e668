using System.Text;
using Fury.Testing.Clouds.Gcp;

namespace Fury.Sdk.Tests.PubSub;

/// <summary>
/// The language of filters: <c>attributes:KEY</c>, <c>attributes.KEY = "VALUE"</c>, <c>!=</c>, <c>NOT</c>, <c>AND</c>, <c>OR</c>, parentheses. As the reference
/// has it, AND and OR are not mixed without parentheses, and keys that are no names are quoted.
/// </summary>
internal sealed class FakeFilter
{
    private const int BytesMax = 256;

    private readonly Queue<string> _words;

    private FakeFilter(string text) => _words = new Queue<string>(Words(text));

    public static Func<IReadOnlyDictionary<string, string>, bool> Read(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > BytesMax)
        {
            throw Wrong($"it has more than {BytesMax} bytes");
        }

        if (text.Length == 0)
        {
            return _ => true;
        }

        var filter = new FakeFilter(text);
        var rule = filter.Expression();
        return filter._words.Count == 0 ? rule : throw Wrong($"'{filter._words.Peek()}' is too much");
    }

    private Func<IReadOnlyDictionary<string, string>, bool> Expression()
    {
        var left = Term();
        string? by = null;
        while (_words.TryPeek(out var word) && word is "AND" or "OR")
        {
            if (by is not null && by != word)
            {
                throw Wrong("AND and OR are mixed without parentheses");
            }

            by = _words.Dequeue();
            var (before, after) = (left, Term());
            left = by == "AND" ? it => before(it) && after(it) : it => before(it) || after(it);
        }

        return left;
    }

    private Func<IReadOnlyDictionary<string, string>, bool> Term()
    {
        var word = Next();
        if (word is "NOT" or "-")
        {
            var inner = Term();
            return it => !inner(it);
        }

        if (word == "(")
        {
            var inner = Expression();
            return Next() == ")" ? inner : throw Wrong("a parenthesis is open");
        }

        if (word != "attributes")
        {
            throw Wrong($"'{word}' is no function of attributes");
        }

        var way = Next();
        var key = Unquoted(Next());
        if (way == ":")
        {
            return it => it.ContainsKey(key);
        }

        var sign = Next();
        var value = Next() is ['"', ..] quoted ? Unquoted(quoted) : throw Wrong("a value is not quoted");
        return sign switch
        {
            "=" => it => it.TryGetValue(key, out var there) && there == value,
            "!=" => it => it.TryGetValue(key, out var there) && there != value,
            _ => throw Wrong($"'{sign}' compares nothing"),
        };
    }

    private string Next() => _words.TryDequeue(out var word) ? word : throw Wrong("it ends too early");

    private static string Unquoted(string word) =>
        word is ['"', .. var inner, '"']
            ? inner.Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal)
            : word.All(each => char.IsAsciiLetterOrDigit(each) || each == '_') ? word : throw Wrong($"'{word}' must be quoted");

    private static IEnumerable<string> Words(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var end = at + 1;
            if (text[at] == ' ')
            {
                at++;
                continue;
            }

            if (text[at] == '"')
            {
                while (end < text.Length && text[end] != '"')
                {
                    end += text[end] == '\\' ? 2 : 1;
                }

                end++;
            }
            else if (text[at] == '!')
            {
                end++;
            }
            else if (text[at] is not ('(' or ')' or ':' or '.' or '='))
            {
                while (end < text.Length && text[end] is not (' ' or '(' or ')' or ':' or '.' or '=' or '"' or '!'))
                {
                    end++;
                }
            }

            yield return end <= text.Length ? text[at..end] : throw Wrong("a quotation does not end");
            at = end;
        }
    }

    private static GoogleError Wrong(string why) => new(400, $"Invalid filter: {why}.", null, "INVALID_ARGUMENT");
}
