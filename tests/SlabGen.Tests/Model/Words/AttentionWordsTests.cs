namespace SlabGen.Tests.Model.Words;

/// <summary>
/// Proves of the library's own code that no deferred work is left waiting with nobody to do it, for a few pieces of work but for every
/// interleaving and every state of the store buffers. Each mutant is caught.
/// </summary>
public sealed class AttentionWordsTests
{
    [Theory]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void Nothing_waits_that_nobody_attends_to(int each, bool weak)
    {
        Machine machine = Run(AttentionMutant.None, each, weak);
        TestContext.Current.SendDiagnosticMessage("{0} worlds", machine.Worlds);
        Assert.True(machine.CounterExample is null, machine.CounterExample);
        Assert.True(machine.Worlds > 1000, $"Only {machine.Worlds} worlds: the protocol has lost most of its steps.");
    }

    [Theory]
    [InlineData(AttentionMutant.NoFenceOfAdder)]
    [InlineData(AttentionMutant.NoFenceOfBackground)]
    [InlineData(AttentionMutant.LookBeforeClearing)]
    [InlineData(AttentionMutant.NobodyIsFirst)]
    public void A_mutant_is_caught(AttentionMutant mutant)
    {
        Machine machine = Run(mutant, 2, weak: false);
        Assert.True(machine.CounterExample is not null, $"{mutant} was not caught in {machine.Worlds} worlds.");
        Assert.StartsWith("a deadlock", machine.CounterExample, StringComparison.Ordinal);
        TestContext.Current.SendDiagnosticMessage("{0}: {1} worlds, {2}", mutant, machine.Worlds, machine.CounterExample);
    }

    private static Machine Run(AttentionMutant mutant, int each, bool weak)
    {
        var machine = new Machine(new AttentionScenario(mutant, each), weak);
        machine.Run();
        return machine;
    }
}
