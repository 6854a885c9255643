using System.Runtime.CompilerServices;

namespace SlabGen.Tests.Model.Words;

/// <summary>The words of an <see cref="RcuScenario"/>, and what each mutant does to them instead.</summary>
internal sealed class RcuRules(nint memory, RcuReader reader, RcuMutant mutant) : WordRules
{
    private const int Followed = 1000, Number = 1001, Scans = 1002, Begun = 1003;

    private static Dictionary<int, long> Kept => Replay.Current.Kept;

    public override int WordAt(nint address) => (address - memory) / sizeof(long) is >= 0 and <= RcuScenario.Pointers + 1 and nint word ? (int)word : -1;

    public override int WordAt(ref long word) => Unsafe.AreSame(ref word, ref reader.State) ? RcuScenario.Word : base.WordAt(ref word);

    public override int LockOf(object gate) => 0;

    /// <summary>The reader is about to read this pointer.</summary>
    public static void Follow(int pointer) => Kept[Followed] = pointer;

    public override long Read(int word)
    {
        if (word >= RcuScenario.Pointers && Kept.TryGetValue(word, out long early))
        {
            return early;
        }

        if (word == RcuScenario.Latest && mutant == RcuMutant.PointerBeforeNumber && Kept.TryGetValue(Followed, out long pointer))
        {
            Kept[(int)pointer] = base.Read((int)pointer);
        }

        if (word == RcuScenario.Word && Kept.Remove(word, out early))
        {
            return early;
        }

        long value = base.Read(word);
        switch (mutant)
        {
            case RcuMutant.JoinsThePeriodUnderWay when word == RcuScenario.Latest && Kept.ContainsKey(Number):
                return base.Read(RcuScenario.Completed) != value ? value - RcuReader.Step : value;

            case RcuMutant.OneTooFew when word == RcuScenario.Word && value != 0 && Kept.ContainsKey(Scans):
                return value + RcuReader.Step;

            case RcuMutant.ParityInOnePhase when word == RcuScenario.Latest:
                Kept[Begun] = value;
                return value;

            case RcuMutant.ParityInOnePhase when word == RcuScenario.Word && value != 0 && Kept.ContainsKey(Scans):
                return (((value - 1) ^ Kept[Begun]) & RcuReader.Step) == 0 ? Kept[Begun] + 1 : 1; // its bit is all that is known of it

            default:
                return value;
        }
    }

    public override void Write(int word, long value, bool release)
    {
        if (word == RcuScenario.Latest && mutant == RcuMutant.BarrierBeforeNumber)
        {
            base.FenceAll();
        }

        if (word == RcuScenario.Word && value != 0 && mutant == RcuMutant.PointerBeforeWord)
        {
            int pointer = (int)Kept[Followed];
            Kept[pointer] = base.Read(pointer);
        }

        base.Write(word, value, release && !(word == RcuScenario.Word && value == 0 && mutant == RcuMutant.PlainEnd));
    }

    public override void Fence()
    {
        if (mutant != RcuMutant.NoFence)
        {
            base.Fence();
        }
    }

    public override void FenceAll()
    {
        if (mutant == RcuMutant.ScanBeforeBarrier)
        {
            Kept[RcuScenario.Word] = base.Read(RcuScenario.Word);
        }

        if (mutant is not RcuMutant.NoBarrier and not RcuMutant.BarrierBeforeNumber)
        {
            base.FenceAll();
        }
    }

    /// <summary>An updater takes the number that it waits for.</summary>
    public long TakeNumber(Func<long> take)
    {
        Kept[Number] = 1;
        long number = take();
        Kept.Remove(Number);
        return number;
    }

    /// <summary>The records are looked at.</summary>
    public bool Scan(Func<bool> scan)
    {
        Kept[Scans] = 1;
        bool waits = scan();
        Kept.Remove(Scans);
        return waits;
    }
}
