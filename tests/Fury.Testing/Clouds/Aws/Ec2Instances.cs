using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Fury.Testing.Aws;

/// <summary>DescribeInstances and TerminateInstances of the fake.</summary>
internal sealed partial class Ec2Instances(Ec2World world, AwsPages pages)
{
    /// <summary>A page holds whole instances; a reservation may go on over several.</summary>
    public XElement Describe(string region, AwsForm form)
    {
        var filters = form.Filters("instance-id", "client-token", "instance-state-name", "tag:*");
        if (form.Has("InstanceId"))
        {
            throw new AwsRefusal(400, "InvalidParameterCombination", "Ids that may be missing are asked for by a filter; see DescribeInstances.");
        }

        lock (world.Lock)
        {
            var patterns = filters.Select(filter => (Of: filter.Key, Fits: Either(filter.Value))).ToList();
            var all = world.Instances.Where(one => one.Region == region && world.IsSeen(one) && patterns.All(pattern => Fits(one, pattern.Of, pattern.Fits)));
            var (items, next) = pages.Of(all.ToList(), form, 5, 1000);
            var reservations = items.GroupBy(one => one.Reservation).Select(reservation => Ec2Xml.Reservation(world, reservation));
            return Ec2Xml.Answer("DescribeInstances", Ec2Xml.Set("reservationSet", reservations), Ec2Xml.Next(next));
        }
    }

    /// <summary>All of them or, where one is unknown, none.</summary>
    public XElement Terminate(string region, AwsForm form)
    {
        var ids = form.List("InstanceId");
        form.Done();
        if (ids.Count is 0 or > 1000)
        {
            throw AwsRefusal.Missing("InstanceId");
        }

        if (ids.FirstOrDefault(id => !Id().IsMatch(id)) is { } malformed)
        {
            throw new AwsRefusal(400, "InvalidInstanceID.Malformed", $"Invalid id: \"{malformed}\"");
        }

        lock (world.Lock)
        {
            var there = world.Instances.Where(one => one.Region == region && world.IsSeen(one) && ids.Contains(one.Id)).ToList();
            var missing = ids.Except(there.Select(one => one.Id)).ToList();
            if (missing.Count > 0)
            {
                throw new AwsRefusal(400, "InvalidInstanceID.NotFound", missing.Count == 1
                    ? $"The instance ID '{missing[0]}' does not exist"
                    : $"The instance IDs '{string.Join(", ", missing)}' do not exist");
            }

            return Ec2Xml.Answer("TerminateInstances", Ec2Xml.Set("instancesSet", there.Select(End).ToList()));
        }
    }

    private XElement[] End(Ec2Instance one)
    {
        var before = world.State(one);
        if (one.Ending is null)
        {
            (one.Ending, one.ReasonCode, one.Reason) = (world.Now, "Client.UserInitiatedShutdown", "User initiated shutdown");
        }

        return [Ec2Xml.Element("instanceId", one.Id), Ec2Xml.State("currentState", world.State(one)), Ec2Xml.State("previousState", before)];
    }

    private bool Fits(Ec2Instance one, string filter, Func<string, bool> fits)
    {
        var has = filter switch
        {
            "instance-id" => one.Id,
            "client-token" => one.Token,
            "instance-state-name" => world.State(one).Name,
            _ => one.Tags.GetValueOrDefault(filter["tag:".Length..]),
        };
        return has is not null && fits(has);
    }

    /// <summary>Most values stand for themselves, and then many are as soon looked up as one.</summary>
    private static Func<string, bool> Either(IReadOnlyList<string> values)
    {
        var plain = values.Where(value => value.IndexOfAny(['*', '?', '\\']) < 0).ToHashSet();
        var patterns = values.Where(value => !plain.Contains(value)).Select(Pattern).ToList();
        return has => plain.Contains(has) || patterns.Any(pattern => pattern.IsMatch(has));
    }

    /// <summary>As filters have it: <c>*</c> and <c>?</c> stand for others, unless a backslash is before them.</summary>
    public static Regex Pattern(string filter) => new(
        "^" + string.Concat(Parts().Matches(filter).Select(part => part.Value switch
        {
            "*" => ".*",
            "?" => ".",
            ['\\', var literal] => Regex.Escape(literal.ToString()),
            var plain => Regex.Escape(plain),
        })) + @"\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline);

    [GeneratedRegex(@"\\.|[*?]|[^*?\\]+|\\", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Parts();

    [GeneratedRegex(@"^i-([0-9a-f]{8}|[0-9a-f]{17})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Id();
}
