using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SlabGen.Benchmarks.Aot;

[SlabCache]
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct Item
{
    public long Word;
}

/// <summary>The generated fast path, each half in a method of its own, so that its machine code can be read.</summary>
internal static class FastPath
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static SlabPtr<Item> Alloc() => ItemCache.Alloc();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Free(SlabPtr<Item> item) => ItemCache.Free(item);
}

/// <summary>The timed loops.</summary>
internal static class Loops
{
    private static readonly SlabPtr<Item>[] s_batch = new SlabPtr<Item>[1000];
    private static readonly SlabPtr<Item>[] s_live = new SlabPtr<Item>[1 << 17];
    private static uint s_random = 1;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Pair(int count)
    {
        for (int i = 0; i < count; i++)
        {
            SlabPtr<Item> item = ItemCache.Alloc();
            item.Value.Word = i;
            ItemCache.Free(item);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void PairLocal(int count)
    {
        ItemCache.Local local = ItemCache.OpenLocal();
        for (int i = 0; i < count; i++)
        {
            SlabPtr<Item> item = local.Alloc();
            item.Value.Word = i;
            local.Free(item);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Batches(int batches)
    {
        SlabPtr<Item>[] items = s_batch; // in a register: what a static field costs differs, and is not what is asked

        // A batch that is entered for its last few objects alone warms up without being replaced on the stack.
        int first = batches == 0 ? items.Length - 100 : 0;
        for (int batch = 0; batch < Math.Max(1, batches); batch++)
        {
            for (int i = first; i < items.Length; i++)
            {
                items[i] = ItemCache.Alloc();
                items[i].Value.Word = i;
            }

            for (int i = first; i < items.Length; i++)
            {
                ItemCache.Free(items[i]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Replace(int count)
    {
        SlabPtr<Item>[] live = s_live;
        uint random = s_random;
        for (int i = 0; i < count; i++)
        {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            ref SlabPtr<Item> place = ref live[random % (uint)live.Length];
            if (!place.IsNull)
            {
                ItemCache.Free(place);
            }

            place = ItemCache.Alloc();
            place.Value.Word = i;
        }

        s_random = random;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void KmallocPair(int count)
    {
        Kmalloc kmalloc = SlabRuntime.Default.Kmalloc;
        for (int i = 0; i < count; i++)
        {
            nint block = kmalloc.Alloc(64);
            new SlabPtr<long>(block).Value = i;
            kmalloc.Free(block);
        }
    }
}
