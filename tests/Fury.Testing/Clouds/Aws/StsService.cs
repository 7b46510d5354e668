using System.Globalization;
using System.Xml.Linq;

namespace Fury.Testing.Aws;

/// <summary>The token service of the fake: roles are taken on, with an external id where one is asked for, or with a web identity.</summary>
internal sealed class StsService(AwsIdentities identities)
{
    public const string WebIdentity = "a-token-that-a-cluster-gave";

    private static readonly XNamespace Space = "https://sts.amazonaws.com/doc/2011-06-15/";

    /// <summary>Roles that there are, and the external id that each asks for.</summary>
    public Dictionary<string, string?> Roles { get; } = [];

    public static XElement WhoAmI(AwsCaller caller) => Answer(
        "GetCallerIdentity",
        new XElement(Space + "Arn", caller.Keys.Arn),
        new XElement(Space + "UserId", caller.Keys.AccessKey),
        new XElement(Space + "Account", AwsIdentities.Account));

    public XElement AssumeRole(AwsForm form)
    {
        var (role, session) = (form.Need("RoleArn"), form.Need("RoleSessionName"));
        form.Number("DurationSeconds", 900, 43200);
        var externalId = form.Take("ExternalId");
        form.Done();
        return Roles.TryGetValue(role, out var asked) && (asked is null || asked == externalId)
            ? Given("AssumeRole", role, session)
            : throw new AwsRefusal(403, "AccessDenied", $"The caller is not authorized to perform: sts:AssumeRole on resource: {role}");
    }

    public XElement AssumeRoleWithWebIdentity(AwsForm form)
    {
        var (role, session, token) = (form.Need("RoleArn"), form.Need("RoleSessionName"), form.Need("WebIdentityToken"));
        form.Number("DurationSeconds", 900, 43200);
        form.Done();
        return token == WebIdentity && Roles.ContainsKey(role)
            ? Given("AssumeRoleWithWebIdentity", role, session)
            : throw new AwsRefusal(400, "InvalidIdentityToken", "The web identity token is not valid.");
    }

    public static XElement Error(AwsRefusal refusal) => new(
        Space + "ErrorResponse",
        new XElement(
            Space + "Error",
            new XElement(Space + "Type", "Sender"),
            new XElement(Space + "Code", refusal.Code),
            new XElement(Space + "Message", refusal.Message)),
        new XElement(Space + "RequestId", Guid.NewGuid()));

    private XElement Given(string action, string role, string session)
    {
        var arn = $"{role.Replace(":iam:", ":sts:").Replace(":role/", ":assumed-role/")}/{session}";
        var keys = identities.Session(arn);
        return Answer(
            action,
            new XElement(
                Space + "Credentials",
                new XElement(Space + "AccessKeyId", keys.AccessKey),
                new XElement(Space + "SecretAccessKey", keys.Secret),
                new XElement(Space + "SessionToken", keys.Token),
                new XElement(Space + "Expiration", keys.Expires!.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))),
            new XElement(Space + "AssumedRoleUser", new XElement(Space + "Arn", arn), new XElement(Space + "AssumedRoleId", $"AROA:{session}")));
    }

    private static XElement Answer(string action, params object[] content) => new(
        Space + $"{action}Response",
        new XElement(Space + $"{action}Result", content),
        new XElement(Space + "ResponseMetadata", new XElement(Space + "RequestId", Guid.NewGuid())));
}
