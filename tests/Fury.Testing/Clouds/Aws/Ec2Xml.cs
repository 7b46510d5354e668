using System.Globalization;
using System.Xml.Linq;

namespace Fury.Testing.Aws;

/// <summary>Answers as EC2 writes them.</summary>
internal static class Ec2Xml
{
    public static readonly XNamespace Space = "http://ec2.amazonaws.com/doc/2016-11-15/";

    public static XElement Answer(string action, params object?[] content) =>
        new(Space + $"{action}Response", [new XElement(Space + "requestId", Guid.NewGuid()), .. content]);

    public static XElement Element(string name, params object?[] content) => new(Space + name, content);

    public static XElement Set(string name, IEnumerable<object?> items) => Element(name, items.Select(item => Element("item", item)));

    public static XElement? Next(string? token) => token is null ? null : Element("nextToken", token);

    public static XElement Error(AwsRefusal refusal) => new(
        "Response",
        new XElement("Errors", new XElement("Error", new XElement("Code", refusal.Code), new XElement("Message", refusal.Message))),
        new XElement("RequestID", Guid.NewGuid()));

    /// <summary>One reservation, with those of its instances that are given.</summary>
    public static object[] Reservation(Ec2World world, IGrouping<string, Ec2Instance> instances) =>
    [
        Element("reservationId", instances.Key),
        Element("ownerId", AwsIdentities.Account),
        Element("groupSet"),
        Set("instancesSet", instances.Select(one => Instance(world, one))),
    ];

    public static XElement State(string name, (int Code, string Name) state) =>
        Element(name, Element("code", state.Code), Element("name", state.Name));

    private static object?[] Instance(Ec2World world, Ec2Instance one)
    {
        var state = world.State(one);
        return
        [
            Element("instanceId", one.Id),
            Element("imageId", one.Image),
            State("instanceState", state),
            Element("privateDnsName"),
            Element("dnsName"),
            Element("reason", one.Reason),
            Element("amiLaunchIndex", 0),
            Element("productCodes"),
            Element("instanceType", one.Type),
            Element("launchTime", one.Made.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'.000Z'", CultureInfo.InvariantCulture)),
            Element("placement", Element("availabilityZone", one.Zone), Element("groupName"), Element("tenancy", "default")),
            Element("monitoring", Element("state", "disabled")),
            state.Name == "terminated" ? null : Element("privateIpAddress", one.Address),
            one.ReasonCode is null ? null : Element("stateReason", Element("code", one.ReasonCode), Element("message", $"{one.ReasonCode}: {one.Reason}")),
            one.IsSpot ? Element("instanceLifecycle", "spot") : null,
            Element("clientToken", one.Token),
            Set("tagSet", one.Tags.Select(tag => new[] { Element("key", tag.Key), Element("value", tag.Value) })),
        ];
    }
}
