namespace SlabGen.Tests.Model.Words;

/// <summary>
/// Proves of the library's own code that who looks for a free object without a lock never says that there is none while one is free all the time, wherever it moves;
/// for a few moves, but for every interleaving and every state of the store buffers. Each mutant is caught.
/// </summary>
public sealed class DepotWordsTests
{
    [Theory]
    [InlineData(3, 1, false)]
    [InlineData(2, 2, false)]
    [InlineData(2, 1, true)]
    public void Who_looks_without_a_lock_misses_nothing_that_moves(int moves, int drains, bool weak)
    {
        Machine machine = Run(DepotMutant.None, moves, drains, weak);
        TestContext.Current.SendDiagnosticMessage("{0} worlds", machine.Worlds);
        Assert.True(machine.CounterExample is null, machine.CounterExample);
        Assert.True(machine.Worlds > 1000, $"Only {machine.Worlds} worlds: the protocol has lost most of its steps.");
    }

    [Theory]
    [InlineData(DepotMutant.CountBeforeFullsTaken, false)]
    [InlineData(DepotMutant.CountBeforeOnTheWay, false)]
    [InlineData(DepotMutant.NothingOnTheWay, false)]
    [InlineData(DepotMutant.PlainCount, true)]
    [InlineData(DepotMutant.ReturnedBeforeGiven, false)]
    [InlineData(DepotMutant.PlainInUse, true)]
    [InlineData(DepotMutant.VisitCountedLast, false)]
    [InlineData(DepotMutant.OneLookAtDepots, false)]
    [InlineData(DepotMutant.FullsTakenNotCompared, false)]
    [InlineData(DepotMutant.VisitsNotCompared, false)]
    [InlineData(DepotMutant.GateNotAsked, false)]
    [InlineData(DepotMutant.AlwaysYes, false)]
    public void A_mutant_is_caught(DepotMutant mutant, bool weak)
    {
        Machine machine = Run(mutant, 2, 1, weak);
        Assert.True(machine.CounterExample is not null, $"{mutant} was not caught in {machine.Worlds} worlds.");
        Assert.StartsWith("it says that", machine.CounterExample, StringComparison.Ordinal);
        TestContext.Current.SendDiagnosticMessage("{0}: {1} worlds, {2}", mutant, machine.Worlds, machine.CounterExample);
    }

    private static Machine Run(DepotMutant mutant, int moves, int drains, bool weak)
    {
        var machine = new Machine(new DepotScenario(mutant, moves, drains), weak);
        machine.Run();
        return machine;
    }
}
