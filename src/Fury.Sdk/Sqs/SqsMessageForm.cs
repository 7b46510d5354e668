using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;

namespace Fury.Sdk.Sqs;

/// <summary>How a message is kept by SQS, and how SNS gives it on: the text is its headers, the body a binary attribute.</summary>
/// <param name="Group">Null where there is no order.</param>
/// <param name="Once">Another one each time: who sends the same again is to be heard. Null where there is no order.</param>
internal sealed record SqsMessageForm(string Text, string? Group, string? Once)
{
    public const string BodyAttribute = "body";

    public static SqsMessageForm Of(DriverMessage message, IEnumerable<(string Name, string Value)> more, bool isOrdered)
    {
        var once = RandomNumberGenerator.GetHexString(32, lowercase: true);
        return new SqsMessageForm(
            Encoding.UTF8.GetString(MessageText.Write(message, more)),
            !isOrdered ? null : message.OrderingKey is null ? once : GroupOf(message.OrderingKey),
            isOrdered ? once : null);
    }

    /// <summary>SQS allows few characters in a group.</summary>
    private static string GroupOf(string key) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
