using System.Runtime.CompilerServices;
using SlabGen.Memory;

namespace SlabGen.Tests.Model.Words;

/// <summary>The words that threads share, as steps of a machine.</summary>
internal readonly struct CheckedWords : ISharedWords
{
    private static WordRules Rules => Replay.Current.Rules;

    public static nint Read(ref nint word) => (nint)Rules.Read(IndexOf(ref word));

    public static int Read(ref int word) => (int)Rules.Read(IndexOf(ref word));

    public static long Read(ref long word) => Rules.Read(Known(Rules.WordAt(ref word)));

    public static void Write(ref nint word, nint value) => Rules.Write(IndexOf(ref word), value, release: true);

    public static void Write(ref int word, int value) => Rules.Write(IndexOf(ref word), value, release: true);

    public static void Write(ref long word, long value) => Rules.Write(Known(Rules.WordAt(ref word)), value, release: true);

    public static int Add(ref int word, int value) => (int)Rules.Add(IndexOf(ref word), value);

    public static int Exchange(ref int word, int value) => (int)Rules.Exchange(IndexOf(ref word), value);

    public static unsafe void Move(nint* from, nint* to, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Rules.Store(to + i, Rules.Load(from + i), release: false);
        }
    }

    public static void Fence() => Rules.Fence();

    public static void FenceAll() => Rules.FenceAll();

    public static void Enter(UninterruptibleLock gate) => Rules.Enter(Rules.LockOf(gate));

    public static void Exit(UninterruptibleLock gate) => Rules.Exit(Rules.LockOf(gate));

    private static unsafe int IndexOf<T>(ref T word)
        where T : unmanaged => Known(Rules.WordAt((nint)Unsafe.AsPointer(ref word)));

    private static int Known(int word) =>
        word >= 0 ? word : throw new InvalidOperationException("The code shares a word that the model does not know.");
}
