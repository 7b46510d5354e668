namespace Fury.Kernel.Tests;

public sealed class NameTests
{
    [Theory]
    [InlineData("shop", true)]
    [InlineData("a1", true)]
    [InlineData("shop-2-go", true)]
    [InlineData("a", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("Shop", false)]
    [InlineData("1shop", false)]
    [InlineData("shop-", false)]
    [InlineData("-shop", false)]
    [InlineData("sh_op", false)]
    [InlineData("shop\n", false)]
    [InlineData("shöp", false)]
    [InlineData("../shop", false)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    public void Application_names(string? text, bool right) => Assert.Equal(right, ApplicationName.TryParse(text, out _));

    [Theory]
    [InlineData("production-web", true)]
    [InlineData("test-worker-2", true)]
    [InlineData("a-b", true)]
    [InlineData("production", false)]
    [InlineData("production-", false)]
    [InlineData("-web", false)]
    [InlineData("production--web", false)]
    [InlineData("Production-web", false)]
    [InlineData("production-web\n", false)]
    [InlineData("aaaaaaaaaaaaaaaaaaaa-aaaaaaaaaaaaaaaaaaaa", false)]
    public void Scope_names(string text, bool right) => Assert.Equal(right, ScopeName.TryParse(text, out _));

    [Theory]
    [InlineData("A", true)]
    [InlineData("DB_PASSWORD", true)]
    [InlineData("S3_KEY_2_", true)]
    [InlineData("_A", false)]
    [InlineData("2FA", false)]
    [InlineData("db_password", false)]
    [InlineData("DB-PASSWORD", false)]
    [InlineData("DB_PASSWORD\n", false)]
    [InlineData("ÄB", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", true)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false)]
    public void Secret_names(string? text, bool right) => Assert.Equal(right, SecretName.TryParse(text, out _));

    /// <summary>The examples of semver.org's own regular expression, shortened where they are alike.</summary>
    [Theory]
    [InlineData("0.0.4", true)]
    [InlineData("1.2.3", true)]
    [InlineData("10.20.30", true)]
    [InlineData("1.1.2-prerelease+meta", true)]
    [InlineData("1.1.2+meta-valid", true)]
    [InlineData("1.0.0-alpha.beta.1", true)]
    [InlineData("1.0.0-alpha0.valid", true)]
    [InlineData("1.0.0-0A.is.legal", true)]
    [InlineData("1.0.0--", true)]
    [InlineData("2.0.0+build.1848", true)]
    [InlineData("1", false)]
    [InlineData("1.2", false)]
    [InlineData("1.2.3-0123", false)]
    [InlineData("1.2.3-0123.0123", false)]
    [InlineData("1.1.2+.123", false)]
    [InlineData("+invalid", false)]
    [InlineData("1.0.0-alpha_beta", false)]
    [InlineData("1.0.0-alpha..", false)]
    [InlineData("01.1.1", false)]
    [InlineData("1.01.1", false)]
    [InlineData("1.1.01", false)]
    [InlineData("1.2.3.DEV", false)]
    [InlineData("v1.2.3", false)]
    [InlineData("1.2.3 ", false)]
    [InlineData("1.2.3\n", false)]
    [InlineData("", false)]
    public void Version_names_follow_semantic_versioning(string text, bool right) => Assert.Equal(right, VersionName.TryParse(text, out _));

    [Fact]
    public void A_huge_name_is_refused_at_once_and_its_error_is_short()
    {
        var huge = new string('a', 1_000_000);
        Assert.False(ApplicationName.TryParse(huge, out _));
        var fault = Fault.Invalid("name", huge, ApplicationName.Expected);
        Assert.True(fault.Fields[0].Value!.Length < 150);
        Assert.Contains("1000000 characters", fault.Fields[0].Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_throws_with_what_would_be_right()
    {
        var error = Assert.Throws<FormatException>(() => ScopeName.Parse("web"));
        Assert.Contains(ScopeName.Expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shop/production-web", true)]
    [InlineData("shop", false)]
    [InlineData("shop/production-web/x", false)]
    [InlineData("shop/web", false)]
    public void A_scope_is_written_with_its_application(string text, bool right)
    {
        if (right)
        {
            Assert.Equal(text, ScopeRef.Parse(text).ToString());
        }
        else
        {
            Assert.Throws<FormatException>(() => ScopeRef.Parse(text));
        }
    }

    [Fact]
    public void Any_text_either_is_a_name_or_is_not_and_never_throws()
    {
        const int Seed = 20261121;
        var random = new Random(Seed);
        for (var round = 0; round < 20_000; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(0, 50)).Select(_ => "abz09-.+_A \n\0é"[random.Next(14)])]);
            if (ApplicationName.TryParse(text, out var name))
            {
                var plain = text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');
                Assert.True(plain && name.Value == text, $"seed {Seed}: '{text}'");
            }

            _ = VersionName.TryParse(text, out _);
            _ = ScopeName.TryParse(text, out _);
        }
    }
}
