using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Local;

/// <summary>What may be asked of this machine. Pure.</summary>
internal static class RequestRules
{
    public static Fault? Check(InstanceRequest request, IReadOnlyList<string> regions)
    {
        if (!OperatingSystem.IsLinux())
        {
            return Fault.Invalid("Local instances need Linux, where every address of 127.0.0.0/8 belongs to the machine.");
        }

        var check = new Validation();
        check.Require(request.ClientToken.Length is >= 1 and <= 200, request.ClientToken, "1 to 200 characters");
        check.Require(request.Count is >= 1 and <= 100, request.Count, "1 to 100");
        check.Require(regions.Contains(request.Region), request.Region, $"one of {string.Join(", ", regions)}");
        check.Require(request.Arguments.All(argument => !argument.Contains('\0')), request.Arguments.Count, "without NUL characters", "arguments");
        foreach (var (name, value) in request.Environment)
        {
            check.Require(name.Length > 0 && name.IndexOfAny(['=', '\0']) < 0, name, "a name without '=' and NUL", "environment");
            check.Require(!value.Contains('\0'), name, "a variable without NUL characters", "environment");
        }

        return check.Fault;
    }
}
