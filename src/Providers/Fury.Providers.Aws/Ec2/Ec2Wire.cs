using System.Xml.Linq;
using Fury.Kernel;
using Fury.Providers.Aws.Wire;
using Fury.Providers.Clouds;

namespace Fury.Providers.Aws.Ec2;

/// <summary>The EC2 Query API, version 2016-11-15: a form goes in, XML comes out. Paced, repeated, and read over all pages.</summary>
internal sealed class Ec2Wire(AwsHttp http, CloudCalls calls)
{
    private const string Version = "2016-11-15";

    /// <summary>A list that goes on longer than this is broken, not long.</summary>
    private const int PagesMax = 1000;

    /// <summary>A creation, once it is the turn of so many instances.</summary>
    public async Task<Outcome<XElement>> Run(string region, int instances, Fields fields, CancellationToken cancellation)
    {
        var turns = await calls.Turns($"aws/{region}/run-instances", instances, CloudCalls.CreationTurnMax, cancellation);
        return turns.IsOk ? await Call(region, "run", "RunInstances", fields, cancellation, CloudCalls.CreationTurnMax) : turns.Fault;
    }

    /// <param name="kind">Of the pace: <c>run</c>, <c>terminate</c> or <c>describe</c>.</param>
    public Task<Outcome<XElement>> Call(
        string region, string kind, string action, Fields fields, CancellationToken cancellation, TimeSpan? turnMax = null)
    {
        var request = AwsRequest.Form("ec2", region, [new("Action", action), new("Version", Version), .. fields.All]);
        return calls.Make($"aws/{region}/{kind}", attempt => Once(request, action, attempt), cancellation, turnMax);
    }

    /// <summary>All items of all pages.</summary>
    /// <param name="set">The element of the answer that holds them.</param>
    public async Task<Outcome<List<XElement>>> List(string region, string action, string set, Fields fields, CancellationToken cancellation)
    {
        var all = new List<XElement>();
        string? next = null;
        for (var page = 0; page < PagesMax; page++)
        {
            var answer = await Call(region, "describe", action, next is null ? fields : fields.With("NextToken", next), cancellation);
            if (!answer.IsOk)
            {
                return answer.Fault;
            }

            all.AddRange(answer.Value.Items(set));
            next = answer.Value.Text("nextToken");
            if (next is null)
            {
                return all;
            }
        }

        return Fault.Unavailable($"AWS EC2 in '{region}' gives {action} in more than {PagesMax} pages.");
    }

    private async Task<Outcome<XElement>> Once(AwsRequest request, string action, CancellationToken cancellation)
    {
        var sent = await http.Send(request, cancellation);
        if (!sent.IsOk)
        {
            return sent.Fault;
        }

        if (!sent.Value.IsOk)
        {
            return AwsErrors.Of(sent.Value, "EC2", request.Region);
        }

        return AwsErrors.Xml(sent.Value.Body) is { } answer && answer.Name.LocalName == $"{action}Response"
            ? answer
            : Fault.Unavailable($"AWS EC2 in '{request.Region}' answered {action} with what is no answer to it.");
    }
}

/// <summary>The fields of a request, in the order in which they are sent; lists are numbered from 1.</summary>
internal sealed record Fields(IReadOnlyList<KeyValuePair<string, string>> All)
{
    public static Fields None { get; } = new([]);

    public Fields With(string name, string? value) => value is null ? this : new([.. All, new(name, value)]);

    public Fields WithList(string name, IEnumerable<string> values) =>
        new([.. All, .. values.Select((value, index) => new KeyValuePair<string, string>($"{name}.{index + 1}", value))]);

    /// <param name="number">Which filter of the request it is, from 1.</param>
    public Fields WithFilter(int number, string name, IEnumerable<string> values) =>
        With($"Filter.{number}.Name", name).WithList($"Filter.{number}.Value", values);
}

/// <summary>Reading EC2's XML, by local names.</summary>
internal static class Ec2Xml
{
    public static XElement? Child(this XElement? parent, string name) => parent?.Elements().FirstOrDefault(element => element.Name.LocalName == name);

    /// <summary>Null for what is missing or empty.</summary>
    public static string? Text(this XElement? parent, string name) => parent.Child(name)?.Value.Trim() is { Length: > 0 } text ? text : null;

    public static IEnumerable<XElement> Items(this XElement? parent, string set) =>
        parent.Child(set)?.Elements().Where(element => element.Name.LocalName == "item") ?? [];
}
