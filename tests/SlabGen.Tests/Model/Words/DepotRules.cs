namespace SlabGen.Tests.Model.Words;

/// <summary>The words of a <see cref="DepotScenario"/>, and what each mutant does to them instead.</summary>
internal sealed class DepotRules(Func<nint, int> wordAt, DepotMutant mutant) : WordRules
{
    private const int Late = 100; // keys of stores that a mutant puts off are above it

    private static Dictionary<int, long> Kept => Replay.Current.Kept;

    public override int WordAt(nint address) => wordAt(address);

    public override int LockOf(object gate) => throw new InvalidOperationException("The locks are the scenario's.");

    public override void Write(int word, long value, bool release)
    {
        switch (mutant)
        {
            case DepotMutant.CountBeforeFullsTaken when word == DepotScenario.FullsTaken:
            case DepotMutant.CountBeforeOnTheWay when word == DepotScenario.OnTheWay && value != 0:
            case DepotMutant.VisitCountedLast when word == DepotScenario.Visits:
                Kept[Late + word] = value;
                return;
            case DepotMutant.NothingOnTheWay when word == DepotScenario.OnTheWay:
                return;
            default:
                break;
        }

        base.Write(word, value, release
            && !(mutant == DepotMutant.PlainCount && word == DepotScenario.FullCount)
            && !(mutant == DepotMutant.PlainInUse && word == DepotScenario.InUse));
        if (word is DepotScenario.FullCount or DepotScenario.InUse)
        {
            foreach (int late in new[] { DepotScenario.OnTheWay, DepotScenario.FullsTaken, DepotScenario.Visits })
            {
                if (Kept.Remove(Late + late, out long kept))
                {
                    base.Write(late, kept, release: true);
                }
            }
        }
    }

    /// <summary>The same word by its name. A mutant that does not compare sees the same each time.</summary>
    public long See(int word) => (mutant, word) switch
    {
        (DepotMutant.FullsTakenNotCompared, DepotScenario.FullsTaken) or (DepotMutant.VisitsNotCompared, DepotScenario.Visits) => 0,
        _ => Read(word),
    };
}
