using System.Runtime.CompilerServices;
using SlabGen.Memory;

namespace SlabGen.Tests.Model.Words;

/// <summary>The words that threads share, as steps of a machine.</summary>
internal readonly struct CheckedWords : ISharedWords
{
    private static WordRules Rules => Replay.Current.Rules;

    public static nint Read(ref nint word) => (nint)Rules.Read(IndexOf(ref word));

    public static int Read(ref int word) => (int)Rules.Read(IndexOf(ref word));

    public static long Read(ref long word) => Rules.Read(IndexOf(ref word));

    public static void Write(ref nint word, nint value) => Rules.Write(IndexOf(ref word), value, release: true);

    public static void Write(ref int word, int value) => Rules.Write(IndexOf(ref word), value, release: true);

    public static void Write(ref long word, long value) => Rules.Write(IndexOf(ref word), value, release: true);

    public static int Increment(ref int word) => (int)Rules.Increment(IndexOf(ref word));

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
        where T : unmanaged
    {
        int index = Rules.WordAt((nint)Unsafe.AsPointer(ref word));
        return index >= 0 ? index : throw new InvalidOperationException("The code shares a word that the model does not know.");
    }
}
