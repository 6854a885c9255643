using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>
/// After mimalloc's test-stress: threads allocate, keep some objects, free others in random order, and swap some through a
/// table that all share; they end and are made anew for every round, in which half of the table survives. Every object
/// is written whole, and checked before it is freed.
/// </summary>
internal sealed class Mstress(string name) : Workload(name)
{
    protected override Lane Open<TAllocator, TObject>(string allocator) => new MstressLane<TAllocator, TObject>(allocator);

    protected override Action WarmUp<TAllocator, TObject>() => MstressLane<TAllocator, TObject>.WarmUp;
}

/// <remarks>A place of the table is swapped atomically: an object is in one thread's hands or in the table, never in both.</remarks>
internal sealed class MstressLane<TAllocator, TObject> : Lane
    where TAllocator : struct, IAllocator<TObject>
    where TObject : struct, IObject<TObject>
{
    private const int Threads = 4;
    private const int TableSize = 1000;
    private const int Unit = 5000; // operations of the first thread; the n-th has n times as many

    [ThreadStatic]
    private static List<TObject>? t_kept;

    private static readonly TObject[] s_warmUpTable = new TObject[TableSize];

    private readonly TObject[] _table = new TObject[TableSize];
    private int _round;

    public MstressLane(string allocator)
        : base(allocator)
    {
        ObjectsPerCall = Enumerable.Range(0, Threads).Sum(Operations) / 2; // half of the operations allocate
    }

    public override int ObjectsPerCall { get; }

    private static int Words => TAllocator.Size / sizeof(long);

    public static void WarmUp() => Work(s_warmUpTable, TierOne.WarmUpIterations, 1);

    public override void Call()
    {
        Exception? failure = null;
        int round = ++_round;
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(i => new Thread(() =>
        {
            try
            {
                Work(_table, Operations(i), (uint)((round * Threads) + i + 1));
            }
            catch (InvalidOperationException exception)
            {
                failure = exception;
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Free(_table.AsSpan(0, TableSize / 2));
        if (failure is not null)
        {
            throw failure;
        }
    }

    public override void Dispose()
    {
        Free(_table);
        TAllocator.GiveBack();
    }

    private static int Operations(int thread) => Unit * (thread + 1);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Work(TObject[] table, int operations, uint random)
    {
        List<TObject> kept = t_kept ??= [];
        for (int i = 0; i < operations; i++)
        {
            random = XorShift.Next(random * 747796405 | 1);
            if (random % 100 < 50)
            {
                kept.Add(Make(random));
            }
            else if (kept.Count > 0)
            {
                int at = (int)((random >> 8) % (uint)kept.Count);
                if (random % 4 == 0)
                {
                    TObject swapped = TObject.Exchange(ref table[(random >> 16) % TableSize], kept[at]);
                    kept[at] = swapped.IsNull ? Make(random) : swapped;
                }
                else
                {
                    Free(kept[at]);
                    kept[at] = kept[^1];
                    kept.RemoveAt(kept.Count - 1);
                }
            }
        }

        foreach (TObject obj in kept)
        {
            Free(obj);
        }

        kept.Clear();
    }

    private static TObject Make(uint cookie)
    {
        TObject obj = TAllocator.Alloc();
        ref long word = ref obj.Word;
        for (int i = 0; i < Words; i++)
        {
            Unsafe.Add(ref word, i) = i ^ (long)cookie;
        }

        return obj;
    }

    private static void Free(TObject obj)
    {
        ref long word = ref obj.Word;
        long cookie = word;
        for (int i = 1; i < Words; i++)
        {
            if (Unsafe.Add(ref word, i) != (i ^ cookie))
            {
                throw new InvalidOperationException($"Word {i} of an object is {Unsafe.Add(ref word, i)}, and not what its owner wrote: {i ^ cookie}.");
            }
        }

        TAllocator.Free(obj);
    }

    private static void Free(Span<TObject> places)
    {
        foreach (ref TObject place in places)
        {
            if (!place.IsNull)
            {
                Free(place);
                place = default;
            }
        }
    }
}
