namespace SlabGen.Tests.Model.Words;

/// <summary>
/// Proves of the library's own RCU, for a few sections and updates but for every interleaving and every state of the store buffers, that no
/// reader uses what an updater has freed. Each mutant is caught.
/// </summary>
public sealed class RcuWordsTests
{
    // Far below what there is, far above what is explored of a protocol that has lost its steps.
    private const int FewestWorlds = 10_000;

    [Theory]
    [InlineData(2, 2, 1, false)]
    [InlineData(2, 2, 1, true)]
    [InlineData(3, 1, 1, false)]
    public void No_reader_uses_what_was_freed(int sections, int updatesOfA, int updatesOfB, bool weak)
    {
        Machine machine = Run(RcuMutant.None, sections, updatesOfA, updatesOfB, weak);
        TestContext.Current.SendDiagnosticMessage("{0} worlds", machine.Worlds);
        Assert.True(machine.CounterExample is null, machine.CounterExample);
        Assert.True(machine.Worlds > FewestWorlds, $"Only {machine.Worlds} worlds: the protocol has lost most of its steps.");
    }

    [Theory]
    [InlineData(RcuMutant.NoBarrier)]
    [InlineData(RcuMutant.BarrierBeforeNumber)]
    [InlineData(RcuMutant.ScanBeforeBarrier)]
    [InlineData(RcuMutant.NoFence)]
    [InlineData(RcuMutant.JoinsThePeriodUnderWay)]
    [InlineData(RcuMutant.OneTooFew)]
    [InlineData(RcuMutant.ParityInOnePhase)]
    [InlineData(RcuMutant.PointerBeforeWord)]
    [InlineData(RcuMutant.PointerBeforeNumber)]
    public void A_mutant_is_caught(RcuMutant mutant)
    {
        Machine machine = Run(mutant, 2, 2, 1, weak: false);
        Assert.True(machine.CounterExample is not null, $"{mutant} was not caught in {machine.Worlds} worlds.");
        Assert.StartsWith("the reader uses what was freed", machine.CounterExample, StringComparison.Ordinal);
        TestContext.Current.SendDiagnosticMessage("{0}: {1} worlds, {2}", mutant, machine.Worlds, machine.CounterExample);
    }

    /// <summary>On x86 a section's loads come before the store that ends it in any case; elsewhere only a release sees to that.</summary>
    [Fact]
    public void An_end_without_a_release_is_caught_on_weak_memory_alone()
    {
        Assert.Null(Run(RcuMutant.PlainEnd, 2, 2, 1, weak: false).CounterExample);
        Assert.NotNull(Run(RcuMutant.PlainEnd, 2, 2, 1, weak: true).CounterExample);
    }

    private static Machine Run(RcuMutant mutant, int sections, int updatesOfA, int updatesOfB, bool weak)
    {
        var machine = new Machine(new RcuScenario(mutant, sections, updatesOfA, updatesOfB, weak), weak);
        machine.Run();
        return machine;
    }
}
