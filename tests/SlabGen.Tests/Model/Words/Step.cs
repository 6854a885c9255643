namespace SlabGen.Tests.Model.Words;

/// <summary>What a thread asks the machine for. Everything between two of them is its own.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Word">The word, the lock, or the number of an act.</param>
/// <param name="Value">What is stored, or the argument of an act.</param>
internal readonly record struct Step(StepKind Kind, int Word = 0, long Value = 0);

internal enum StepKind : byte
{
    /// <summary>The program has ended, and begins anew.</summary>
    End,
    Load,
    Store,

    /// <summary>A store that leaves the store buffer after all before it.</summary>
    Release,
    Add,

    /// <summary>Sets a word at once. The answer is the old value.</summary>
    Exchange,

    /// <summary>Makes a word that is 0 a 1, at once: a lock that is left by a mere store.</summary>
    Take,
    Fence,
    FenceAll,
    Enter,
    Exit,

    /// <summary>What the scenario makes of it: the rest of the world, and choices.</summary>
    Act,

    /// <summary>All that the code still knows of its past is in the value: pasts with the same value are one from here on.</summary>
    Cut,
}
