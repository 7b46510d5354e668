using System.Runtime.CompilerServices;

namespace Fury.Kernel;

/// <summary>Collects every bad field of a request, so that the caller hears of all of them at once.</summary>
public sealed class Validation
{
    /// <summary>More are not told, so that a list of 1,000 bad names does not come back as 1,000 sentences.</summary>
    public const int FaultsMax = 50;

    private const int PersonLengthMax = 100;
    private const int ReasonLengthMax = 500;

    private readonly List<FieldFault> _faults = [];

    /// <summary>The fault that names every bad field, or null when there is none.</summary>
    public Fault? Fault => _faults.Count == 0 ? null : Fault.Invalid(_faults);

    /// <summary>Reads a name; on bad text notes the fault and returns the default, which must not be used.</summary>
    public T Name<T>(string? text, [CallerArgumentExpression(nameof(text))] string field = "")
        where T : struct, IName<T>
    {
        if (!T.TryParse(text, out var name))
        {
            Require(false, text, T.Expected, field);
        }

        return name;
    }

    /// <summary>Reads a scope out of its two names, as <see cref="Name"/>.</summary>
    public ScopeRef Scope(string? application, string? scope) => new(Name<ApplicationName>(application), Name<ScopeName>(scope));

    /// <summary>
    /// Reads a word of a closed list (<see cref="Word"/>). Nothing stands for <paramref name="absent"/>; on a word that is not in the list notes the fault and
    /// returns it too, and it must not be used.
    /// </summary>
    public T Choice<T>(string? text, T absent, [CallerArgumentExpression(nameof(text))] string field = "")
        where T : struct, Enum
    {
        if (text is null)
        {
            return absent;
        }

        var known = Word.Find<T>(text);
        Require(known is not null, text, $"one of {string.Join(", ", Word.All<T>())}", field);
        return known ?? absent;
    }

    /// <summary>Reads what people write for each other: one line of at most so many characters, or nothing, which is an empty text.</summary>
    public string Note(string? text, int lengthMax, [CallerArgumentExpression(nameof(text))] string field = "")
    {
        Require(text is null || (text.Length <= lengthMax && !text.Any(char.IsControl)), text, $"at most {lengthMax} characters on one line", field);
        return text ?? "";
    }

    /// <summary>Reads what must be said: one line of 1 to so many printable characters.</summary>
    public string Line(string? text, int lengthMax, string field)
    {
        var line = text?.Trim() ?? "";
        Require(line.Length > 0 && line.Length <= lengthMax && !line.Any(char.IsControl), text, $"1 to {lengthMax} printable characters", field);
        return line;
    }

    /// <summary>Reads who does it, as the caller names them or as is proven of the caller.</summary>
    public string Person(string? by) => Line(by, PersonLengthMax, "by");

    /// <summary>Reads why it is done.</summary>
    public string Reason(string? reason) => Line(reason, ReasonLengthMax, "reason");

    /// <summary>Reads how many a page is to have at most: 1 to <see cref="PageQuery.LimitMax"/>, and what is usual when nothing is said.</summary>
    public int Limit(int? limit)
    {
        Require(limit is null or (>= 1 and <= PageQuery.LimitMax), limit, $"1 to {PageQuery.LimitMax}");
        return limit ?? PageQuery.LimitDefault;
    }

    /// <summary>Reads which page is asked for, as <see cref="Limit"/>.</summary>
    public PageQuery Page(string? after, int? limit) => new(after, Limit(limit));

    /// <summary>Notes a fault unless <paramref name="ok"/>.</summary>
    public void Require(bool ok, object? value, string expected, [CallerArgumentExpression(nameof(value))] string field = "")
    {
        if (!ok)
        {
            Add(FieldFault.Of(Camel(field), value, expected));
        }
    }

    /// <summary>Notes a fault whose field is named as the caller wrote it, e.g. a key of a dictionary.</summary>
    public void Add(FieldFault fault)
    {
        if (_faults.Count < FaultsMax)
        {
            _faults.Add(fault);
        }
    }

    /// <summary><c>request.MinReplicas</c> in the code is <c>minReplicas</c> for the caller.</summary>
    private static string Camel(string expression)
    {
        var path = expression.StartsWith("request.", StringComparison.Ordinal) ? expression["request.".Length..] : expression;
        return string.Join('.', path.Split('.').Select(part => part.Length == 0 ? part : char.ToLowerInvariant(part[0]) + part[1..]));
    }
}
