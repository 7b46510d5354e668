namespace Fury.Testing.Aws;

/// <summary>What the fake refuses, as AWS would: caught where answers are written.</summary>
internal sealed class AwsRefusal(int status, string code, string message) : Exception(message)
{
    public int Status => status;

    public string Code => code;

    public static AwsRefusal Missing(string field) => new(400, "MissingParameter", $"The request must contain the parameter {field}");

    public static AwsRefusal Unknown(string field) => new(400, "UnknownParameter", $"The parameter {field} is not recognized");

    public static AwsRefusal Value(string field, string? value, string why) =>
        new(400, "InvalidParameterValue", $"Value ({value}) for parameter {field} is invalid. {why}");
}
