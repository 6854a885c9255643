namespace SlabGen.Tests.Model;

/// <summary>
/// Proves, for a few sections and updates but for every interleaving and every state of the store buffers, that no reader uses what
/// an updater has freed. Each mutant is a bug that it would catch, and does; a protocol that is changed must be changed in
/// <see cref="RcuModel"/> too.
/// </summary>
public sealed class RcuModelTests
{
    // Far below what there is, far above what a model explores that has lost its steps.
    private const int FewestStates = 10_000;

    [Theory]
    [InlineData(2, 2, 1, false)]
    [InlineData(2, 2, 1, true)]
    [InlineData(3, 1, 1, false)]
    public void No_reader_uses_what_was_freed(int sections, int updatesOfA, int updatesOfB, bool weak)
    {
        (string? counterExample, int states) = Check(RcuMutant.None, sections, updatesOfA, updatesOfB, weak);
        Assert.True(counterExample is null, counterExample);
        Assert.True(states > FewestStates, $"Only {states} states: the model has lost most of its steps.");
        TestContext.Current.SendDiagnosticMessage("{0} states", states);
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
        (string? counterExample, int states) = Check(mutant, 2, 2, 1, weak: false);
        Assert.True(counterExample is not null, $"{mutant} was not caught in {states} states.");
        Assert.StartsWith("the reader uses what was freed", counterExample, StringComparison.Ordinal);
        TestContext.Current.SendDiagnosticMessage("{0}: {1}", mutant, counterExample);
    }

    /// <summary>On x86 a section's loads come before the store that ends it in any case; elsewhere only a release sees to that.</summary>
    [Fact]
    public void An_end_without_a_release_is_caught_on_weak_memory_alone()
    {
        Assert.Null(Check(RcuMutant.PlainEnd, 2, 2, 1, weak: false).CounterExample);
        Assert.NotNull(Check(RcuMutant.PlainEnd, 2, 2, 1, weak: true).CounterExample);
    }

    /// <summary>Visits every state that can be reached, nearest first, each once.</summary>
    private static (string? CounterExample, int States) Check(RcuMutant mutant, int sections, int updatesOfA, int updatesOfB, bool weak)
    {
        var model = new RcuModel(mutant, weak);
        var seen = new HashSet<RcuState>();
        var queue = new List<(RcuState State, int From, string Step)>();
        var successors = new List<(string Step, RcuState State)>();
        seen.Add(RcuModel.Initial(sections, updatesOfA, updatesOfB));
        queue.Add((RcuModel.Initial(sections, updatesOfA, updatesOfB), -1, "the beginning"));
        for (int at = 0; at < queue.Count; at++)
        {
            successors.Clear();
            model.AddSuccessors(queue[at].State, successors);
            string? problem = model.Violation ?? (successors.Count == 0 && !RcuModel.IsEnd(queue[at].State) ? "a deadlock" : null);
            if (problem is not null)
            {
                var path = new List<string>();
                for (int back = at; back >= 0; back = queue[back].From)
                {
                    path.Insert(0, queue[back].Step);
                }

                return (problem + ", after" + Environment.NewLine + "  " + string.Join(Environment.NewLine + "  ", path), seen.Count);
            }

            foreach ((string step, RcuState next) in successors)
            {
                if (seen.Add(next))
                {
                    queue.Add((next, at, step));
                }
            }
        }

        return (null, seen.Count);
    }
}
