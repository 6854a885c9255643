namespace SlabGen.Collections.Tests.Concurrent;

/// <summary>
/// Proves, for a few look-ups and writes but for every interleaving and every state of the store buffer, that no reader of an
/// <see cref="RcuDictionary{TKey, TValue}"/> uses what was freed, loses a key that stays, or takes another key's value. Each mutant
/// is a bug that it would catch, and does.
/// </summary>
public sealed class RcuDictionaryProtocolTests
{
    // Far below what there is, far above what a model explores that has lost its steps.
    private const int FewestStates = 5_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_reader_sees_what_it_must_not(bool weak)
    {
        (string? counterExample, int states) = Check(RcuDictionaryMutant.None, weak);
        Assert.True(counterExample is null, counterExample);
        Assert.True(states > FewestStates, $"Only {states} states: the model has lost most of its steps.");
        TestContext.Current.SendDiagnosticMessage("{0} states", states);
    }

    [Theory]
    [InlineData(RcuDictionaryMutant.EntryFreedAtOnce)]
    [InlineData(RcuDictionaryMutant.TableFreedAtOnce)]
    [InlineData(RcuDictionaryMutant.RetiredWithoutFence)]
    [InlineData(RcuDictionaryMutant.NoLink)]
    [InlineData(RcuDictionaryMutant.LinkBeforeWords)]
    [InlineData(RcuDictionaryMutant.WritesTheOldBucket)]
    [InlineData(RcuDictionaryMutant.SlotsBeforeLink)]
    [InlineData(RcuDictionaryMutant.ReadsTheSlotAgain)]
    public void A_mutant_is_caught(RcuDictionaryMutant mutant)
    {
        (string? counterExample, int states) = Check(mutant, weak: false);
        Assert.True(counterExample is not null, $"{mutant} was not caught in {states} states.");
        TestContext.Current.SendDiagnosticMessage("{0}: {1}", mutant, counterExample);
    }

    [Theory]
    [InlineData(RcuDictionaryMutant.PlainWord)]
    [InlineData(RcuDictionaryMutant.PlainLink)]
    public void A_plain_store_is_caught_on_weak_memory_alone(RcuDictionaryMutant mutant)
    {
        Assert.Null(Check(mutant, weak: false).CounterExample);
        Assert.NotNull(Check(mutant, weak: true).CounterExample);
    }

    /// <summary>Visits every state that can be reached, nearest first, each once.</summary>
    private static (string? CounterExample, int States) Check(RcuDictionaryMutant mutant, bool weak)
    {
        var model = new RcuDictionaryModel(mutant, weak);
        var seen = new HashSet<RcuDictionaryState> { RcuDictionaryModel.Initial(lookups: 2, writes: 5) };
        var queue = new List<(RcuDictionaryState State, int From, string Step)> { (seen.First(), -1, "the beginning") };
        var successors = new List<(string Step, RcuDictionaryState State)>();
        for (int at = 0; at < queue.Count; at++)
        {
            successors.Clear();
            model.AddSuccessors(queue[at].State, successors);
            string? problem = model.Violation
                ?? (successors.Count == 0 && !RcuDictionaryModel.IsEnd(queue[at].State) ? "a deadlock" : null);
            if (problem is not null)
            {
                var path = new List<string>();
                for (int back = at; back >= 0; back = queue[back].From)
                {
                    path.Insert(0, queue[back].Step);
                }

                return (problem + ", after" + Environment.NewLine + "  " + string.Join(Environment.NewLine + "  ", path), seen.Count);
            }

            foreach ((string step, RcuDictionaryState next) in successors)
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
