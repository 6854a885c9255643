namespace SlabGen.Tests.Model.Words;

/// <summary>A way to get it wrong.</summary>
public enum ThreadEndMutant
{
    None,

    /// <summary>Everybody who comes upon the end of the thread ends its part.</summary>
    EndedByEach,

    /// <summary>Read and write where one exchange is needed.</summary>
    ReadThenWrite,

    /// <summary>Take a thread for dead that lives.</summary>
    AlwaysDead,

    /// <summary>Count in two steps.</summary>
    CountInTwoSteps,

    /// <summary>Lend without counting.</summary>
    HoldNotCounted,
}

internal enum ThreadEndAct
{
    Live,
    Lent,
    Use,
    Take,
    SeeAlive,
    Returned,
    Finalize,
    Unmap,
}

/// <summary>The words of a <see cref="ThreadEndScenario"/>, and what each mutant does to them instead.</summary>
internal sealed class ThreadEndRules(nint memory, ThreadEndMutant mutant) : WordRules
{
    public override int WordAt(nint address) => (address - memory) / sizeof(int) is >= 0 and <= ThreadEndScenario.Ended and nint word ? (int)word : -1;

    public override int LockOf(object gate) => throw new InvalidOperationException("There is no lock.");

    public bool Believe(bool dead) => dead || mutant == ThreadEndMutant.AlwaysDead;

    public override long Exchange(int word, long value)
    {
        switch (mutant)
        {
            case ThreadEndMutant.EndedByEach:
                return 0;
            case ThreadEndMutant.ReadThenWrite:
                long old = Read(word);
                Write(word, value, release: true);
                return old;
            default:
                return base.Exchange(word, value);
        }
    }

    public override long Add(int word, long value)
    {
        if (mutant == ThreadEndMutant.CountInTwoSteps)
        {
            long sum = Read(word) + value;
            Write(word, sum, release: true);
            return sum;
        }

        return mutant == ThreadEndMutant.HoldNotCounted && value > 0 ? 0 : base.Add(word, value);
    }
}
