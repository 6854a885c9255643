namespace SlabGen.Tests.Model.Words;

/// <summary>A way to get it wrong.</summary>
public enum AttentionMutant
{
    None,

    /// <summary>No fence between the work and the question whether somebody attends.</summary>
    NoFenceOfAdder,

    /// <summary>No fence between the clearing of the flag and the look at the work.</summary>
    NoFenceOfBackground,

    /// <summary>The background looks at the work first, and then clears the flag.</summary>
    LookBeforeClearing,

    /// <summary>Who adds the first work takes it for more of what was there.</summary>
    NobodyIsFirst,
}

internal enum AttentionAct
{
    BeginAdd,
    BeginRound,
    Enlist,
    Strike,
}

/// <summary>The words of an <see cref="AttentionScenario"/>, and what each mutant does to them instead.</summary>
internal sealed class AttentionRules(nint memory, AttentionMutant mutant) : WordRules
{
    private static Dictionary<int, long> Kept => Replay.Current.Kept;

    public static void TakeBatch() => Replay.Current.Ask(new Step(StepKind.Take, AttentionScenario.Batch));

    public override int WordAt(nint address) => (int)((address - memory) / sizeof(int));

    public override int LockOf(object gate) => 0;

    public override long Read(int word) => Kept.Remove(word, out long early) ? early : base.Read(word);

    public override void Write(int word, long value, bool release)
    {
        if (mutant == AttentionMutant.LookBeforeClearing && word == AttentionScenario.Attended && value == 0)
        {
            Kept[AttentionScenario.Waiting] = base.Read(AttentionScenario.Waiting);
        }

        base.Write(word, value, release);
    }

    public override void Fence()
    {
        bool background = Kept.ContainsKey(-1);
        if (mutant != (background ? AttentionMutant.NoFenceOfBackground : AttentionMutant.NoFenceOfAdder))
        {
            base.Fence();
        }
    }

    /// <summary>What runs is the background.</summary>
    public static void IsBackground() => Kept[-1] = 1;
}
