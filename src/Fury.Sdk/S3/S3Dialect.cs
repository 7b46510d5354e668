using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.S3;

/// <summary>How a server differs from Amazon's.</summary>
internal sealed record S3Dialect(bool UnquotedIfMatch, bool VirtualHosts, bool PutOnlyConditions)
{
    public static S3Dialect Of(DriverContext context)
    {
        var given = context.Route.Dialect;
        if (given.Keys.FirstOrDefault(key => key is not ("s3.if-match" or "s3.addressing" or "s3.conditions")) is { } unknown)
        {
            throw Failure.Invalid(
                $"The dialect of '{context.Service}' names {Check.Show(unknown)}; s3.if-match, s3.addressing and s3.conditions are known.");
        }

        return new S3Dialect(
            Is("s3.if-match", "quoted", "unquoted"),
            Is("s3.addressing", context.Route.Endpoint is null ? "virtual" : "path", "virtual", "path"),
            Is("s3.conditions", "native", "put-only"));

        bool Is(string key, string usual, string asked, string? other = null)
        {
            var value = given.GetValueOrDefault(key, usual);
            return value == asked || (value == usual || value == other
                ? false
                : throw Failure.Invalid($"The dialect {key} of '{context.Service}' is {Check.Show(value)}; {other ?? usual} or {asked} is right."));
        }
    }
}
