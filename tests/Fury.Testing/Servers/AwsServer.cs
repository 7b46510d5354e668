using System.Diagnostics;

namespace Fury.Testing;

/// <summary>A server that speaks as one of AWS does, from npm. Not AWS: it is held to the same tests, and what it lacks is not declared.</summary>
public abstract class AwsServer(string name) : ServerProcess
{
    /// <summary>Of a route to it: it looks whether there is one, and not at it.</summary>
    public const string Credential = "env:FURY_TEST_AWS_KEY,FURY_TEST_AWS_SECRET";

    public Uri Endpoint => new($"http://127.0.0.1:{Port}");

    protected override async Task<Process> Start()
    {
        Environment.SetEnvironmentVariable("FURY_TEST_AWS_KEY", "test");
        Environment.SetEnvironmentVariable("FURY_TEST_AWS_SECRET", "test");
        var scripts = await NodeScripts.Prepare("tests/Fury.Testing/Node/aws-servers", CancellationToken.None);
        var process = scripts.Start("server.js", name, $"{Port}", Folder);
        process.StandardInput.Close();
        return process;
    }

    /// <summary>One call. These servers look whether there is a signature, and not at it.</summary>
    public async Task<string> Ask(string target, string body)
    {
        using var http = new HttpClient();
        using var message = new HttpRequestMessage(HttpMethod.Post, Endpoint) { Content = new StringContent(body) };
        var version = target.StartsWith("DynamoDB", StringComparison.Ordinal) ? "1.0" : "1.1";
        message.Content.Headers.ContentType = new($"application/x-amz-json-{version}");
        message.Headers.TryAddWithoutValidation("x-amz-target", target);
        message.Headers.TryAddWithoutValidation("x-amz-date", "20260101T000000Z");
        message.Headers.TryAddWithoutValidation(
            "Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/local/any/aws4_request, SignedHeaders=host, Signature=00");
        using var response = await http.SendAsync(message);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? text : throw new InvalidOperationException($"{name}, {target}: {text}");
    }
}

/// <summary>SQS.</summary>
public sealed class FauxqsServer() : AwsServer("fauxqs");

/// <summary>S3 that looks at no condition.</summary>
public sealed class S3rverServer() : AwsServer("s3rver")
{
    /// <summary>Its access key and its secret.</summary>
    public const string Key = "S3RVER";
}

/// <summary>Kinesis.</summary>
public sealed class KinesaliteServer() : AwsServer("kinesalite");

/// <summary>DynamoDB without transactions and times to live, with one table <c>fury</c>.</summary>
public sealed class DynaliteServer() : AwsServer("dynalite")
{
    private const string Table = """
        {"TableName":"fury","BillingMode":"PAY_PER_REQUEST",
         "AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"s","AttributeType":"S"}],
         "KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}]}
        """;

    protected override async Task Prepare()
    {
        await Ask("DynamoDB_20120810.CreateTable", Table);
        await Eventually.True(async () =>
            (await Ask("DynamoDB_20120810.DescribeTable", """{"TableName":"fury"}""")).Contains("ACTIVE", StringComparison.Ordinal));
    }
}
