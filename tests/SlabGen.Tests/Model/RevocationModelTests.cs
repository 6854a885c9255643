namespace SlabGen.Tests.Model;

/// <summary>
/// Proves, for small magazines and few operations but for every interleaving and every state of the store buffers, that
/// a revocation neither loses an object nor lets two parties have it, that both compares fail while it lasts, and that
/// nobody touches a magazine that was returned. The bugs it would catch are listed as mutants, each of which it does
/// catch; a protocol that is changed must be changed in <see cref="RevocationModel"/> too.
/// </summary>
public class RevocationModelTests
{
    // Far below what there is (350,000 and more), far above what a model explores that has lost its steps.
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

    /// <summary>Sleeps that only the kernel sees, signals and faults in the middle of an operation, visits to other caches.</summary>
    [Theory]
    [InlineData(false, 2, 2)]
    [InlineData(false, 2, 3)]
    [InlineData(true, 2, 2)]
    public void So_it_does_when_the_owner_sleeps_and_is_interrupted(bool weak, int operations, int revocations) =>
        AssertHolds(Check(RevocationMutant.None, weak, compares: true, 2, 3, operations, revocations, rests: 2));

    /// <summary>What another cache's revoker proved of the owner, before, while and after this cache is shut.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void So_it_does_when_another_revoker_asks_too(bool weak) =>
        AssertHolds(Check(RevocationMutant.None, weak, compares: true, 2, 3, 2, 2, rests: 1, proofs: 1));

    /// <summary>Two objects at once, claimed and then looked at again.</summary>
    [Theory]
    [InlineData(false, 3, 4, 3, 2)]
    [InlineData(true, 2, 3, 3, 2)]
    public void So_it_does_when_two_objects_go_at_once(bool weak, int rounds, int objects, int operations, int revocations)
    {
        RevocationModelChecker checker = Check(RevocationMutant.None, weak, compares: true, rounds, objects, operations, revocations, bulk: true);
        AssertHolds(checker);
    }

    [Theory]
    [InlineData(RevocationMutant.NoSecondLook, false)]
    [InlineData(RevocationMutant.ClaimKept, false)]
    [InlineData(RevocationMutant.PlainStoreOfTwo, true)]
    [InlineData(RevocationMutant.NoBarrier, false)]
    public void A_mutant_of_two_at_once_is_caught(RevocationMutant mutant, bool weak)
    {
        RevocationModelChecker checker = Check(mutant, weak, compares: false, 3, 4, 3, 2, bulk: true);
        Assert.True(checker.CounterExample is not null, $"{mutant} was not caught in {checker.States} states.");
        TestContext.Current.SendDiagnosticMessage("{0}: {1}", mutant, checker.CounterExample);
    }

    [Theory]
    [InlineData(RevocationMutant.NoBarrier)]
    [InlineData(RevocationMutant.TakeTheTopEntry)]
    [InlineData(RevocationMutant.StateBeforeBarrier)]
    [InlineData(RevocationMutant.TopBeforeBarrier)]
    [InlineData(RevocationMutant.TopBeforeState)]
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
    [InlineData(RevocationMutant.KernelBeforeBarrier, false)]
    [InlineData(RevocationMutant.MaskNotRead, false)]
    [InlineData(RevocationMutant.OneStatusOnly, false)]
    [InlineData(RevocationMutant.CallNotRead, false)]
    [InlineData(RevocationMutant.FaultIsACall, false)]
    [InlineData(RevocationMutant.VisitsBeforeBarrier, false)]
    [InlineData(RevocationMutant.OpenBetweenPasses, false)]
    [InlineData(RevocationMutant.ProofNumberedAtItsEnd, false)]
    [InlineData(RevocationMutant.PlainStoreOfVisits, true)]
    public void A_mutant_that_believes_too_much_of_a_sleep_or_a_visit_is_caught(RevocationMutant mutant, bool weak)
    {
        RevocationModelChecker checker = Check(mutant, weak, compares: false, 2, 3, 2, 2, rests: 2, proofs: mutant == RevocationMutant.ProofNumberedAtItsEnd ? 1 : 0);
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
        RevocationMutant mutant, bool weak, bool compares, int rounds, int objects, int operations, int revocations, int rests = 0, int proofs = 0, bool bulk = false)
    {
        var checker = new RevocationModelChecker(new RevocationModel(rounds, objects, mutant, weak, compares, rests, proofs, bulk));
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
