using System.Text;
using System.Xml;
using System.Xml.Linq;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;

namespace Fury.Sdk.Aws;

/// <summary>Calls of those services of AWS that take forms and answer in XML.</summary>
/// <param name="version">Of the service's API, a date.</param>
internal sealed class AwsQueryClient(DriverContext context, string name, string service, string version) : AwsClient(context, name, service)
{
    private const string Form = "application/x-www-form-urlencoded; charset=utf-8";

    /// <summary>The document of the answer.</summary>
    /// <exception cref="FuryException">With the name of the error as its <see cref="FuryException.ProviderCode"/>.</exception>
    public async ValueTask<XElement> Call(string action, IEnumerable<(string Name, string? Value)> parameters, CancellationToken cancellation)
    {
        var form = PercentEncoding.Query([("Action", action), ("Version", version), .. parameters])[1..];
        var body = await Send(Form, null, Encoding.ASCII.GetBytes(form), cancellation);
        try
        {
            return XElement.Parse(Encoding.UTF8.GetString(body));
        }
        catch (XmlException error)
        {
            throw Unreadable(error);
        }
    }

    /// <summary>A map, as forms have it.</summary>
    public static IEnumerable<(string Name, string? Value)> Entries(string name, IEnumerable<KeyValuePair<string, string>> entries) =>
        entries.SelectMany((each, index) => new (string, string?)[]
        {
            ($"{name}.entry.{index + 1}.key", each.Key), ($"{name}.entry.{index + 1}.value", each.Value),
        });

    /// <summary>The first element of this name, wherever it is.</summary>
    public static string? Text(XElement document, string name) => document.Descendants().FirstOrDefault(each => each.Name.LocalName == name)?.Value;

    protected override string? Word(byte[] body)
    {
        try
        {
            return Text(XElement.Parse(Encoding.UTF8.GetString(body)), "Code");
        }
        catch (XmlException)
        {
            return null;
        }
    }
}
