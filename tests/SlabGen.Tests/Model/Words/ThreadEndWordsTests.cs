namespace SlabGen.Tests.Model.Words;

/// <summary>
/// Proves of the library's own code that the bins of a thread are unmapped once, when the thread has ended and nobody uses them, in every order of its end, its finalizer
/// and those who take home what it left. Each mutant is caught.
/// </summary>
public sealed class ThreadEndWordsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bins_are_unmapped_once_when_nobody_uses_them(bool weak)
    {
        Machine machine = Run(ThreadEndMutant.None, weak);
        TestContext.Current.SendDiagnosticMessage("{0} worlds", machine.Worlds);
        Assert.True(machine.CounterExample is null, machine.CounterExample);
        Assert.True(machine.Worlds > 100, $"Only {machine.Worlds} worlds: the protocol has lost most of its steps.");
    }

    [Theory]
    [InlineData(ThreadEndMutant.EndedByEach)]
    [InlineData(ThreadEndMutant.ReadThenWrite)]
    [InlineData(ThreadEndMutant.AlwaysDead)]
    [InlineData(ThreadEndMutant.CountInTwoSteps)]
    [InlineData(ThreadEndMutant.HoldNotCounted)]
    public void A_mutant_is_caught(ThreadEndMutant mutant)
    {
        Machine machine = Run(mutant, weak: false);
        Assert.True(machine.CounterExample is not null, $"{mutant} was not caught in {machine.Worlds} worlds.");
        TestContext.Current.SendDiagnosticMessage("{0}: {1} worlds, {2}", mutant, machine.Worlds, machine.CounterExample);
    }

    private static Machine Run(ThreadEndMutant mutant, bool weak)
    {
        var machine = new Machine(new ThreadEndScenario(mutant), weak);
        machine.Run();
        return machine;
    }
}
