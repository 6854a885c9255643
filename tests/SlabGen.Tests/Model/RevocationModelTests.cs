namespace SlabGen.Tests;

/// <summary>
/// Proves, for small magazines and few operations but for every interleaving and every state of the store buffers, that
/// a revocation neither loses an object nor lets two parties have it, that both compares fail while it lasts, and that
/// nobody touches a magazine that was returned. The bugs it would catch are listed as mutants, each of which it does
/// catch; a protocol that is changed must be changed in <see cref="RevocationModel"/> too.
/// </summary>
public class RevocationModelTests
{
    // Far below what there is (300,000 and more), far above what a model explores that has lost its steps.
    private const int FewestStates = 100_000;

    [Theory]
    [InlineData(2, 3, 5, 2)]
    [InlineData(3, 4, 4, 2)]
    [InlineData(2, 3, 4, 3)]
    public void Every_interleaving_keeps_every_object_in_one_place(int rounds, int objects, int operations, int revocations) =>
        AssertHolds(Check(RevocationMutant.None, weak: false, compares: true, rounds, objects, operations, revocations));

    [Fact]
    public void So_it_does_when_stores_become_visible_out_of_order() =>
        AssertHolds(Check(RevocationMutant.None, weak: true, compares: true, 2, 3, 4, 2));

    /// <summary>
    /// What a revoker reads ends below the top entry, or the owner is outside and its stores are visible: so the order
    /// of TryFree's two stores does not matter to it. The release costs nothing on x86 and a little on ARM.
    /// </summary>
    [Fact]
    public void TryFree_need_not_store_the_top_with_a_release() =>
        AssertHolds(Check(RevocationMutant.PlainStoreOfTop, weak: true, compares: true, 2, 3, 4, 2));

    [Theory]
    [InlineData(RevocationMutant.NoBarrier)]
    [InlineData(RevocationMutant.TakeTheTopEntry)]
    [InlineData(RevocationMutant.StateBeforeBarrier)]
    [InlineData(RevocationMutant.TopBeforeBarrier)]
    [InlineData(RevocationMutant.TopBeforeState)]
    [InlineData(RevocationMutant.RestoreOldLow)]
    [InlineData(RevocationMutant.SlowPathWithoutGate)]
    [InlineData(RevocationMutant.LeaveHighOpen)]
    [InlineData(RevocationMutant.ReturnMagazineAlways)]
    [InlineData(RevocationMutant.NoSettle)]
    public void A_mutant_is_caught_by_the_harm_it_does(RevocationMutant mutant)
    {
        RevocationModelChecker checker = Check(mutant, weak: false, compares: false, 2, 3, 5, 2);
        Assert.True(checker.CounterExample is not null, $"{mutant} was not caught in {checker.States} states.");
        TestContext.Current.SendDiagnosticMessage("{0}: {1}", mutant, checker.CounterExample);
    }

    [Theory]
    [InlineData(RevocationMutant.NoBarrier)]
    [InlineData(RevocationMutant.LeaveHighOpen)]
    public void A_compare_that_passes_during_a_revocation_is_caught(RevocationMutant mutant)
    {
        RevocationModelChecker checker = Check(mutant, weak: false, compares: true, 2, 3, 3, 1);
        Assert.StartsWith("a compare passes", checker.CounterExample, StringComparison.Ordinal);
    }

    private static RevocationModelChecker Check(
        RevocationMutant mutant, bool weak, bool compares, int rounds, int objects, int operations, int revocations)
    {
        var checker = new RevocationModelChecker(new RevocationModel(rounds, objects, mutant, weak, compares));
        checker.Run(operations, revocations);
        return checker;
    }

    private static void AssertHolds(RevocationModelChecker checker)
    {
        TestContext.Current.SendDiagnosticMessage("{0} states", checker.States);
        Assert.True(checker.CounterExample is null, checker.CounterExample);
        Assert.True(checker.States > FewestStates, $"Only {checker.States} states: the model has lost most of its steps.");
    }
}
