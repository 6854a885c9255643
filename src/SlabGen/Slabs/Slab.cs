using System.Numerics;
using System.Runtime.InteropServices;
using SlabGen.Memory;
using SlabGen.Metadata;

namespace SlabGen.Slabs;

/// <summary>
/// A block of pages cut into objects of one cache: the <c>struct slab</c> of Linux 2.6 {list, colouroff, s_mem, inuse,
/// free}. Here <c>free</c> is a bitmap, and the colour is part of <see cref="Memory"/>. It lies out of line, in a
/// <see cref="MetadataPool"/>.
/// </summary>
/// <remarks>
/// Everything is under the list lock of the cache's <see cref="CacheSlabs"/>, except that <see cref="Memory"/> and
/// <see cref="Objects"/> are immutable while a page frame names the slab.
/// Invariant: <see cref="InUse"/> + the ones in the bitmap = <see cref="Objects"/>.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct Slab
{
    [FieldOffset(0)]
    public unsafe Slab* Next;

    [FieldOffset(8)]
    public unsafe Slab* Prev;

    /// <summary>
    /// The grace period that the slab waits for, or 0. Valid while the slab leaves, when it is on no doubly linked
    /// list.
    /// </summary>
    [FieldOffset(8)]
    public long GracePeriod;

    /// <summary>The address of the first object (<c>s_mem</c>).</summary>
    [FieldOffset(16)]
    public nint Memory;

    /// <summary>Objects taken from this slab: live ones, and free ones in magazines.</summary>
    [FieldOffset(24)]
    public ushort InUse;

    [FieldOffset(26)]
    public ushort Objects;

    /// <summary>The list that holds the slab, as an index into <see cref="CacheSlabs"/>'s lists.</summary>
    [FieldOffset(28)]
    public byte List;

    [FieldOffset(29)]
    private byte _orderAndHollow;

    /// <summary>
    /// 1 + the index of an object that its user refused to move (<c>slab_stuck_offset</c> of illumos), or 0.
    /// </summary>
    [FieldOffset(30)]
    public ushort Stuck;

    /// <summary>The most pages of a slab that can be hollow.</summary>
    public const int MostHollow = 15;

    /// <summary>The order of the slab's block of pages.</summary>
    public int Order
    {
        readonly get => _orderAndHollow & 15;
        set => _orderAndHollow = (byte)((_orderAndHollow & ~15) | value);
    }

    /// <summary>Pages whose memory went back to the system, since no object on them is in use.</summary>
    public int Hollow
    {
        readonly get => _orderAndHollow >> 4;
        set => _orderAndHollow = (byte)((_orderAndHollow & 15) | (value << 4));
    }

    /// <summary>The number of objects whose descriptor fills a page.</summary>
    public static unsafe int MostObjects => (Page.Size - sizeof(Slab)) * 8;

    /// <summary>The bytes of the descriptor of a slab with this many objects, bitmap included.</summary>
    public static unsafe int BytesFor(int objects) => sizeof(Slab) + (Words(objects) * sizeof(ulong));

    public static int Words(int objects) => (objects + 63) / 64;

    /// <summary>The bitmap. A one is a free object.</summary>
    public static unsafe ulong* Free(Slab* slab) => (ulong*)(slab + 1);

    /// <summary>Whether an object of a slab is free.</summary>
    public static unsafe bool IsFree(Slab* slab, int index) => (Free(slab)[index >> 6] & (1UL << (index & 63))) != 0;

    /// <summary>Makes every object free.</summary>
    public static unsafe void FillBitmap(Slab* slab)
    {
        ulong* free = Free(slab);
        int words = Words(slab->Objects);
        for (int i = 0; i < words; i++)
        {
            free[i] = ulong.MaxValue;
        }

        int tail = slab->Objects & 63;
        if (tail != 0)
        {
            free[words - 1] = (1UL << tail) - 1;
        }
    }

    /// <summary>Takes up to <paramref name="wanted"/> objects, the highest addresses first.</summary>
    /// <remarks>A magazine is used from its top, so its user then meets the objects in rising order.</remarks>
    public static unsafe int Take(Slab* slab, int size, nint* addresses, int wanted)
    {
        ulong* free = Free(slab);
        nint memory = slab->Memory;
        int taken = 0;
        for (int word = Words(slab->Objects) - 1; word >= 0 && taken < wanted; word--)
        {
            ulong bits = free[word];
            while (bits != 0 && taken < wanted)
            {
                int bit = BitOperations.Log2(bits);
                bits ^= 1UL << bit;
                addresses[taken++] = memory + ((nint)((word << 6) + bit) * size);
            }

            free[word] = bits;
        }

        slab->InUse += (ushort)taken;
        return taken;
    }

    /// <summary>Takes one object.</summary>
    /// <returns><see langword="false"/> when it is not free.</returns>
    public static unsafe bool TryTake(Slab* slab, int index)
    {
        ref ulong word = ref Free(slab)[index >> 6];
        ulong mask = 1UL << (index & 63);
        if ((word & mask) == 0)
        {
            return false;
        }

        word &= ~mask;
        slab->InUse++;
        return true;
    }

    /// <summary>Marks an object free.</summary>
    /// <returns><see langword="false"/> when it already was.</returns>
    public static unsafe bool TryGive(Slab* slab, int index)
    {
        ref ulong word = ref Free(slab)[index >> 6];
        ulong mask = 1UL << (index & 63);
        if ((word & mask) != 0)
        {
            return false;
        }

        word |= mask;
        slab->InUse--;
        return true;
    }
}
