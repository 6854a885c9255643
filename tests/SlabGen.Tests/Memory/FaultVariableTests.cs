using SlabGen.Memory;

namespace SlabGen.Tests.Memory;

/// <summary>Proves what SLABGEN_FAIL injects, and that it refuses every other text by name. Catches an attribute that is read as another, and a typo that turns faults off.</summary>
public sealed class FaultVariableTests
{
    [Theory]
    [InlineData("-")]
    [InlineData("off")]
    [InlineData(" OFF ")]
    [InlineData("")]
    public void It_may_inject_nothing(string text) => Assert.Empty(FaultVariable.Parse(text));

    [Fact]
    public void Kinds_have_attributes_of_their_own()
    {
        Dictionary<FaultPoint, FaultAttributes> faults = FaultVariable.Parse(
            "pages:interval=100,times=5 ; commit: probability = 0.5, seed=7;magazines;MLOCK:space=3;madvise:times=-1");
        Assert.Equal(5, faults.Count);
        Assert.Equal(new FaultAttributes { Interval = 100, Times = 5 }, faults[FaultPoint.Pages]);
        Assert.Equal(new FaultAttributes { Probability = 0.5, Seed = 7 }, faults[FaultPoint.Commit]);
        Assert.Equal(new FaultAttributes(), faults[FaultPoint.Magazines]);
        Assert.Equal(new FaultAttributes { Space = 3 }, faults[FaultPoint.Mlock]);
        Assert.Equal(new FaultAttributes(), faults[FaultPoint.Madvise]);
    }

    [Theory]
    [InlineData("page", "'page' must be pages, commit, magazines, mlock or madvise")]
    [InlineData("pages;", "'' must be pages, commit, magazines, mlock or madvise")]
    [InlineData("pages,commit", "'pages,commit' must be pages, commit, magazines, mlock or madvise")]
    [InlineData("pages;PAGES", "'PAGES' stands there twice")]
    [InlineData("pages:", "'' must be an attribute and its value, as in interval=100")]
    [InlineData("pages:100", "'100' must be an attribute and its value, as in interval=100")]
    [InlineData("pages:every=3", "'every' must be probability, interval, times, space or seed")]
    [InlineData("pages:times=3,Times=4", "'Times' stands there twice for one kind")]
    [InlineData("pages:interval=0", "interval is '0' and must be a number from 1")]
    [InlineData("pages:interval=-3", "interval is '-3' and must be a number from 1")]
    [InlineData("pages:times=-2", "times is '-2' and must be a number from 0, or -1 for no end")]
    [InlineData("pages:times=", "times is '' and must be a number from 0, or -1 for no end")]
    [InlineData("pages:space=99999999999999999999", "space is '99999999999999999999' and must be a number from 0")]
    [InlineData("pages:probability=101", "probability is '101' and must be from 0 to 100, in percent")]
    [InlineData("pages:probability=NaN", "probability is 'NaN' and must be from 0 to 100, in percent")]
    [InlineData("pages:probability=1e1", "probability is '1e1' and must be from 0 to 100, in percent")]
    [InlineData("pages:seed=2147483648", "seed is '2147483648' and must be a number from 0 to 2147483647")]
    public void Any_other_text_is_refused_and_the_message_names_the_part(string text, string why)
    {
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => FaultVariable.Parse(text));
        Assert.Equal($"The environment variable SLABGEN_FAIL is '{text}': {why}.", e.Message);
    }

    [Fact]
    public void A_process_has_its_faults_without_a_change_to_the_program()
    {
        (long _, int usual) = ChildProcess.Run("");
        (long _, int blocks) = ChildProcess.Run("", ("SLABGEN_FAIL", "pages:space=10"));
        Assert.Equal((300, 10), (usual, blocks));
    }

    [Fact]
    public void A_process_with_a_bad_text_says_so_at_its_first_object()
    {
        Exception e = Assert.ThrowsAny<Exception>(() => ChildProcess.Run("", ("SLABGEN_FAIL", "pags")));
        Assert.Contains("The environment variable SLABGEN_FAIL is 'pags': 'pags' must be", e.Message, StringComparison.Ordinal);
    }
}
