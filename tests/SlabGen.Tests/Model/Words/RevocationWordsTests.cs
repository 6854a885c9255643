using SlabGen.CompilerServices;
using SlabGen.Magazines;

namespace SlabGen.Tests.Model.Words;

/// <summary>
/// Proves, for small magazines and few operations but for every interleaving and every state of the store buffers, that
/// the library's own revocation neither loses an object nor lets two parties have it, that both compares fail while it
/// lasts, and that nobody touches a magazine that was returned. Each mutant does one thing to the words or to what is
/// seen of the owner otherwise, and is caught.
/// </summary>
public sealed class RevocationWordsTests
{
    // Far below what there is, far above what is explored of a protocol that has lost its steps.
    private const int FewestWorlds = 50_000;

    [Theory]
    [InlineData(2, 3, 5, 2, false)]
    [InlineData(2, 3, 4, 2, true)]
    [InlineData(3, 4, 4, 2, false)]
    [InlineData(2, 3, 4, 3, false)]
    public void Every_interleaving_keeps_every_object_in_one_place(int rounds, int objects, int operations, int revocations, bool twin) =>
        AssertHolds(new RevocationCase(RevocationMutant.None, rounds, objects, operations, revocations) { Compares = true, Twin = twin });

    [Fact]
    public void So_it_does_when_stores_become_visible_out_of_order() =>
        AssertHolds(new RevocationCase(RevocationMutant.None, 2, 3, 4, 2) { Weak = true, Compares = true });

    /// <summary>Sleeps that only the kernel sees, signals and faults in the middle of an operation, visits to other caches.</summary>
    [Theory]
    [InlineData(false, 1, 2, 2)]
    [InlineData(true, 1, 2, 2)]
    [InlineData(false, 2, 2, 1)]
    public void So_it_does_when_the_owner_sleeps_and_is_interrupted(bool weak, int operations, int revocations, int rests) =>
        AssertHolds(new RevocationCase(RevocationMutant.None, 2, 3, operations, revocations) { Weak = weak, Compares = true, Rests = rests });

    /// <summary>The same, and more of it: millions of worlds.</summary>
    [Theory]
    [InlineData(false, 2, 3, 2, 0)]
    [InlineData(true, 2, 2, 2, 0)]
    [InlineData(false, 2, 2, 1, 1)]
    public void So_it_does_at_length(bool weak, int operations, int revocations, int rests, int proofs)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("SLABGEN_WORDS") == "all", "SLABGEN_WORDS=all explores millions of worlds.");
        AssertHolds(new RevocationCase(RevocationMutant.None, 2, 3, operations, revocations) { Weak = weak, Compares = true, Rests = rests, Proofs = proofs });
    }

    /// <summary>What another cache's revoker proved of the owner, before, while and after this cache is shut.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void So_it_does_when_another_revoker_asks_too(bool weak) =>
        AssertHolds(new RevocationCase(RevocationMutant.None, 2, 3, 1, 1) { Weak = weak, Compares = true, Rests = 1, Proofs = 1 });

    /// <summary>Two objects at once, claimed and then looked at again.</summary>
    [Theory]
    [InlineData(false, 3, 4, 3, 2)]
    [InlineData(true, 2, 3, 3, 2)]
    public void So_it_does_when_two_objects_go_at_once(bool weak, int rounds, int objects, int operations, int revocations) =>
        AssertHolds(new RevocationCase(RevocationMutant.None, rounds, objects, operations, revocations) { Weak = weak, Compares = true, Bulk = true });

    /// <summary>Any object of the magazine: all down to it are claimed, and the topmost takes its place.</summary>
    [Theory]
    [InlineData(false, 3, 4, 3, 2)]
    [InlineData(true, 3, 4, 2, 2)]
    public void So_it_does_when_any_object_is_taken(bool weak, int rounds, int objects, int operations, int revocations) =>
        AssertHolds(new RevocationCase(RevocationMutant.None, rounds, objects, operations, revocations) { Weak = weak, Compares = true, TakesAny = true });

    [Theory]
    [InlineData(RevocationMutant.NoSecondLook, false)]
    [InlineData(RevocationMutant.ClaimKept, false)]
    [InlineData(RevocationMutant.PlainStoreOfTheRest, true)]
    [InlineData(RevocationMutant.NoBarrier, false)]
    public void A_mutant_of_taking_any_is_caught(RevocationMutant mutant, bool weak) =>
        AssertCaught(new RevocationCase(mutant, 3, 4, 3, 2) { Weak = weak, TakesAny = true });

    [Theory]
    [InlineData(RevocationMutant.NoSecondLook, false)]
    [InlineData(RevocationMutant.ClaimKept, false)]
    [InlineData(RevocationMutant.PlainStoreOfTwo, true)]
    [InlineData(RevocationMutant.NoBarrier, false)]
    public void A_mutant_of_two_at_once_is_caught(RevocationMutant mutant, bool weak) =>
        AssertCaught(new RevocationCase(mutant, 3, 4, 3, 2) { Weak = weak, Bulk = true });

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
    public void A_mutant_is_caught_by_the_harm_it_does(RevocationMutant mutant) =>
        AssertCaught(new RevocationCase(mutant, 2, 3, 5, 2));

    [Theory]
    [InlineData(RevocationMutant.KernelBeforeBarrier, false, 1, 1, 1)]
    [InlineData(RevocationMutant.MaskNotRead, false, 1, 1, 1)]
    [InlineData(RevocationMutant.OneStatusOnly, false, 1, 1, 1)]
    [InlineData(RevocationMutant.CallNotRead, false, 1, 1, 1)]
    [InlineData(RevocationMutant.FaultIsACall, false, 1, 1, 1)]
    [InlineData(RevocationMutant.VisitsBeforeBarrier, false, 2, 1, 1)]
    [InlineData(RevocationMutant.OpenBetweenPasses, false, 2, 2, 1)]
    [InlineData(RevocationMutant.ProofNumberedAtItsEnd, false, 1, 1, 1)]
    [InlineData(RevocationMutant.KnownSleepNotCompared, false, 2, 2, 2)]
    [InlineData(RevocationMutant.PlainStoreOfVisits, true, 2, 1, 1)]
    public void A_mutant_that_believes_too_much_of_a_sleep_or_a_visit_is_caught(RevocationMutant mutant, bool weak, int operations, int revocations, int rests) =>
        AssertCaught(new RevocationCase(mutant, rests > 1 ? 1 : 2, rests > 1 ? 2 : 3, operations, revocations) // a smaller magazine for longer runs
        {
            Weak = weak,
            Rests = rests,
            Proofs = mutant == RevocationMutant.ProofNumberedAtItsEnd ? 1 : 0,
        });

    [Theory]
    [InlineData(RevocationMutant.NoBarrier)]
    [InlineData(RevocationMutant.LeaveHighOpen)]
    public void A_compare_that_passes_during_a_revocation_is_caught(RevocationMutant mutant)
    {
        Machine machine = Run(new RevocationCase(mutant, 2, 3, 3, 1) { Compares = true });
        Assert.StartsWith("a compare passes", machine.CounterExample, StringComparison.Ordinal);
    }

    /// <summary>What is explored is what is shipped: each load and store of the fast path has become a step.</summary>
    [Theory]
    [InlineData(typeof(ThreadBin), nameof(ThreadBin.TryAlloc), 4)] // and the store of the address to the caller
    [InlineData(typeof(ThreadCache), nameof(ThreadCache.TryAlloc), 4)]
    public void Every_load_and_store_of_taking_is_translated(Type type, string name, int least)
    {
        Translation.Of<RevocationOwner.Take>(type, name, out int words);
        Assert.True(words >= least, $"{words} loads and stores of {type.Name}.{name} were translated.");
    }

    private static void AssertHolds(RevocationCase of)
    {
        Machine machine = Run(of);
        TestContext.Current.SendDiagnosticMessage("{0}: {1} worlds", of, machine.Worlds);
        Assert.True(machine.CounterExample is null, machine.CounterExample);
        Assert.True(machine.Worlds > FewestWorlds, $"Only {machine.Worlds} worlds: the protocol has lost most of its steps.");
    }

    private static void AssertCaught(RevocationCase of)
    {
        Machine machine = Run(of);
        Assert.True(machine.CounterExample is not null, $"{of.Mutant} was not caught in {machine.Worlds} worlds.");
        TestContext.Current.SendDiagnosticMessage("{0}: {1} worlds, {2}", of.Mutant, machine.Worlds, machine.CounterExample);
    }

    private static Machine Run(RevocationCase of)
    {
        var machine = new Machine(new RevocationScenario(of), of.Weak);
        machine.Run();
        return machine;
    }
}
