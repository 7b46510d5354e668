using Fury.Sdk.Azure;

namespace Fury.Sdk.Tests.Azure;

/// <summary>Signatures of the text that Azure documents, made by another program with the key that emulators have.</summary>
public sealed class SharedKeyTests
{
    private const string Date = "Fri, 26 Jun 2015 23:39:12 GMT";

    private static readonly SharedKey Key = new(
        "myaccount", Convert.FromBase64String("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="));

    [Fact]
    public void A_question_about_a_container() => Assert.Equal(
        "SharedKey myaccount:1u9lui2jDxj0+fpbHjQ5m5NnastJRSYM+PSmfi8TXx4=",
        Key.Authorize(
            "GET", "/mycontainer", [("restype", "container"), ("comp", "metadata"), ("timeout", "20")],
            [("x-ms-version", "2015-02-21"), ("x-ms-date", Date)]));

    [Fact]
    public void A_blob_that_must_not_be_there() => Assert.Equal(
        "SharedKey myaccount:psKMEr6hxItjQu1tg5E+vf7FiZvjwkB5JegUwiq81eY=",
        Key.Authorize(
            "PUT", "/mycontainer/a%20b", [],
            [
                ("x-ms-version", "2020-10-02"), ("x-ms-date", Date), ("x-ms-blob-type", "BlockBlob"), ("content-length", "11"), ("if-none-match", "*"),
            ]));

    [Fact]
    public void The_key_is_not_shown() => Assert.Equal("SharedKey(myaccount, hidden)", Key.ToString());

    [Theory]
    [InlineData("invoices/2026/a.txt", "invoices/2026/a.txt")]
    [InlineData("../up", "~2E~2E/up")]
    [InlineData("/root//x", "~2Froot/~2Fx")]
    [InlineData("a b~\u0001", "a~20b~7E~01")]
    [InlineData("ключ🔑", "ключ🔑")]
    public void A_key_is_a_name_that_is_taken_for_no_other(string key, string name)
    {
        Assert.Equal(name, BlobNames.Encode(key));
        Assert.Equal(key, BlobNames.Decode(name));
    }
}
