namespace Fury.Kernel.Tests;

public sealed class WordTests
{
    private enum Colour
    {
        Red,
        LightBlue,
    }

    [Fact]
    public void Every_member_has_a_word_and_is_found_by_it()
    {
        Assert.Equal(["red", "light-blue"], Word.All<Colour>());
        Assert.All(Enum.GetValues<Colour>(), colour => Assert.Equal(colour, Word.Read<Colour>(Word.Of(colour))));
    }

    [Theory]
    [InlineData("LightBlue")]
    [InlineData("1")]
    [InlineData("")]
    public void Other_words_are_not_found(string word)
    {
        Assert.Null(Word.Find<Colour>(word));
        Assert.Throws<FormatException>(() => Word.Read<Colour>(word));
    }

    [Fact]
    public void A_bad_choice_is_a_fault_that_names_field_value_and_all_that_would_be_right()
    {
        var validation = new Validation();
        var colour = "green";

        Assert.Equal(Colour.LightBlue, validation.Choice("light-blue", Colour.Red));
        Assert.Equal(Colour.LightBlue, validation.Choice(null, Colour.LightBlue));
        Assert.Null(validation.Fault);
        validation.Choice(colour, Colour.Red);

        var fault = Assert.Single(validation.Fault!.Fields);
        Assert.Equal(("colour", "green", "one of red, light-blue"), (fault.Field, fault.Value, fault.Expected));
    }
}
