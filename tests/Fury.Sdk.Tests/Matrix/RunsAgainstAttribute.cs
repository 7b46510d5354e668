namespace Fury.Sdk.Tests.Matrix;

/// <summary>
/// On a class of conformance tests, whose <c>Names</c> are the tests that it runs: which driver it holds against what. <c>docs/sdk-matrix.md</c> is made of it.
/// </summary>
/// <param name="driver">As it is named in bindings.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RunsAgainstAttribute(string driver, string what) : Attribute
{
    public string Driver => driver;

    public string What => what;

    /// <summary>The service that the driver is for, when it is not what the tests run against.</summary>
    public string? NeverAsked { get; init; }

    /// <summary>The name of a capability that tests beside those of the suite have shown.</summary>
    public string? Also { get; init; }

    /// <summary>Where what a resource is called decides on what it can do.</summary>
    public string Resource { get; init; } = "matrix";
}
