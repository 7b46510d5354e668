namespace Fury.Kernel.Tests;

public sealed class OutcomeTests
{
    [Fact]
    public void A_value_and_a_fault_become_outcomes_by_themselves()
    {
        Outcome<int> good = 7;
        Outcome<int> bad = Fault.Conflict("No.");
        Assert.True(good.IsOk);
        Assert.Equal(7, good.Value);
        Assert.False(bad.IsOk);
        Assert.Equal(FaultKind.Conflict, bad.Fault?.Kind);
        Assert.Throws<InvalidOperationException>(() => bad.Value);
        Assert.True(Outcome.Ok.IsOk);
    }

    [Fact]
    public async Task Then_goes_on_with_a_value_and_passes_a_fault_by()
    {
        Outcome<int> good = 7;
        Outcome<int> bad = Fault.Conflict("No.");
        Assert.Equal("7", good.Then(value => (Outcome<string>)$"{value}").Value);
        Assert.Equal("No.", bad.Then(value => (Outcome<string>)$"{value}").Fault?.Message);
        Assert.Equal("7", (await good.Then(value => Task.FromResult<Outcome<string>>($"{value}"))).Value);
        Assert.Equal("No.", (await bad.Then(value => Task.FromResult<Outcome<string>>($"{value}"))).Fault?.Message);
    }

    [Fact]
    public void A_fault_collects_facts_and_says_its_kind_and_message_without_the_operators_detail()
    {
        var fault = Fault.Unavailable("Later.", new TimeoutException("secret host")).With("retryAfterSeconds", 5).With("where", "db");
        Assert.Equal("5", fault.Facts["retryAfterSeconds"]);
        Assert.Equal("db", fault.Facts["where"]);
        Assert.Equal("Unavailable: Later.", fault.ToString());
        Assert.Contains("secret host", fault.Detail, StringComparison.Ordinal);
    }

    private sealed record Request(string Name, int MinReplicas, Size? Size);

    private sealed record Size(int CpuMillis);

    [Fact]
    public void Validation_names_every_bad_field_as_the_caller_wrote_it()
    {
        var request = new Request("NO", 0, new(1));
        var validation = new Validation();
        var name = validation.Name<ApplicationName>(request.Name);
        validation.Require(request.MinReplicas >= 1, request.MinReplicas, "1 to 1000");
        validation.Require(request.Size!.CpuMillis >= 50, request.Size.CpuMillis, "50 to 64000");
        validation.Require(true, request.Name, "never seen");

        Assert.Equal(default, name);
        Assert.Equal(
            [
                new FieldFault("name", "NO", ApplicationName.Expected),
                new FieldFault("minReplicas", "0", "1 to 1000"),
                new FieldFault("size.cpuMillis", "1", "50 to 64000"),
            ],
            validation.Fault!.Fields);
        Assert.Equal(FaultKind.Invalid, validation.Fault.Kind);
    }

    [Fact]
    public void Of_very_many_bad_fields_the_first_are_told()
    {
        var validation = new Validation();
        foreach (var number in Enumerable.Range(0, 1000))
        {
            validation.Require(false, number, "another", $"declared[{number}]");
        }

        Assert.Equal(Validation.FaultsMax, validation.Fault!.Fields.Count);
        Assert.Equal("declared[0]", validation.Fault.Fields[0].Field);
    }

    [Fact]
    public void Validation_without_a_bad_field_has_no_fault()
    {
        var validation = new Validation();
        Assert.Equal("shop", validation.Name<ApplicationName>("shop").Value);
        Assert.Null(validation.Fault);
    }

    [Fact]
    public void A_page_has_a_next_only_when_there_is_more()
    {
        Assert.Equal("2", Page<int>.Of([1, 2, 3], 2, row => $"{row}").Next);
        Assert.Equal([1, 2], Page<int>.Of([1, 2, 3], 2, row => $"{row}").Items);
        Assert.Null(Page<int>.Of([1, 2], 2, row => $"{row}").Next);
        Assert.Empty(Page<int>.Of([], 2, row => $"{row}").Items);
    }
}
