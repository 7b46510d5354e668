using Fury.Xds.Framing;

namespace Fury.Xds.Tests.Framing;

public sealed class GrpcHeadersTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("all is well", "all is well")]
    [InlineData("a/b?c=d&e#f \"g\" ~", "a/b?c=d&e#f \"g\" ~")]
    [InlineData("100 %", "100 %25")]
    [InlineData("%41", "%2541")]
    [InlineData("two\r\nlines\t", "two%0D%0Alines%09")]
    [InlineData("naïve", "na%C3%AFve")]
    [InlineData("✓ 𝄞", "%E2%9C%93 %F0%9D%84%9E")]
    [InlineData("\u007f", "%7F")]
    public void A_message_is_escaped_as_far_as_it_must_be(string message, string escaped)
    {
        Assert.Equal(escaped, GrpcHeaders.EncodeMessage(message));
        Assert.Equal(message, GrpcHeaders.DecodeMessage(escaped));
    }

    [Theory]
    [InlineData("over%2Fescaped", "over/escaped")]
    [InlineData("100%", "100%")]
    [InlineData("%G1 %4", "%G1 %4")]
    public void What_others_have_escaped_is_read(string escaped, string message) => Assert.Equal(message, GrpcHeaders.DecodeMessage(escaped));

    [Fact]
    public void A_long_message_is_cut()
    {
        var escaped = GrpcHeaders.EncodeMessage(new string('é', 100_000));

        Assert.Equal(new string('é', GrpcHeaders.MessageCharsMax) + "...", GrpcHeaders.DecodeMessage(escaped));
        Assert.InRange(escaped.Length, 1, 8 * 1024);
    }

    [Theory]
    [InlineData("0", GrpcStatus.Ok)]
    [InlineData("8", GrpcStatus.ResourceExhausted)]
    [InlineData("16", GrpcStatus.Unauthenticated)]
    [InlineData("17", GrpcStatus.Unknown)]
    [InlineData("-1", GrpcStatus.Unknown)]
    [InlineData("", GrpcStatus.Unknown)]
    [InlineData("ok", GrpcStatus.Unknown)]
    public void A_status_is_one_of_the_closed_list(string value, GrpcStatus status) => Assert.Equal(status, GrpcHeaders.ParseStatus(value));

    [Fact]
    public void Every_status_is_written_as_it_is_read()
    {
        foreach (var status in Enum.GetValues<GrpcStatus>())
        {
            Assert.Equal(status, GrpcHeaders.ParseStatus(GrpcHeaders.FormatStatus(status)));
        }
    }

    [Theory]
    [InlineData("application/grpc", true)]
    [InlineData("application/grpc+proto", true)]
    [InlineData("application/grpc; charset=utf-8", true)]
    [InlineData("Application/gRPC", true)]
    [InlineData("application/grpc-web", false)]
    [InlineData("application/json", false)]
    [InlineData(null, false)]
    public void The_content_types_of_grpc_are_known(string? type, bool known) => Assert.Equal(known, GrpcHeaders.IsGrpc(type));
}
