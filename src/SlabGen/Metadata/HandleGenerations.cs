using System.Runtime.CompilerServices;
using SlabGen.Memory;

namespace SlabGen.Metadata;

/// <summary>
/// The generations of all handle entries of the process: one word per entry, in one range of addresses. So a handle of
/// any cache of any runtime is checked by one compare with the number of entries and one load. Any of these caches can
/// find it stale.
/// </summary>
/// <remarks>
/// <para>The generation of an entry is odd while the entry is in use. Each use has a new one, and they rise. The
/// generation of entry 0 is never 0, so that no default handle fits.</para>
/// <para>Entries come and go by the page. <see cref="s_count"/>, <see cref="s_free"/> and <see cref="s_next"/> are
/// under <see cref="s_lock"/>, a leaf. A generation is written under the lock of the table that has the page, and read
/// by anyone without a lock. A page that went back stays readable, and reads as zero or as what it was. So a handle
/// that is older than its cache is found stale as well. When the page is given out again, its entries begin where the
/// last ones ended.</para>
/// <para>The range is reserved once, when the first page is wanted. If the system refuses even the smallest range, the
/// next caller tries again. <see cref="s_start"/> and <see cref="s_bytes"/> are under the lock. Readers get the address
/// from <see cref="Range"/>, a constant to the JIT. It is set at the first read, which comes after
/// <see cref="s_count"/> was seen above 0, and so after the range was reserved.</para>
/// </remarks>
internal static class HandleGenerations
{
    public const uint First = 2, Last = uint.MaxValue;

    // 1,073,741,824 entries. Pages that were never given out hold no memory.
    private const long MostBytes = 4L << 30;

    /// <summary>The logarithm of the entries in a page.</summary>
    public static readonly int Shift = int.Log2(Page.Size / sizeof(uint));

    // The range holds at least 262,144 entries. With fewer it is better to fail now, and to get more later.
    private const long LeastBytes = 1 << 20;

    private static long s_bytes; // 0 until the range is reserved
    private static nint s_start;
    private static readonly UninterruptibleLock s_lock = new();
    private static readonly Stack<uint> s_free = new();
    // The next generation of each page, an even number; a page that has had the last one is not in s_free.
    private static readonly List<uint> s_next = [];
    private static uint s_count; // entries in pages that were ever given out: those that can be read

    public static int EntriesInPage => 1 << Shift;

    /// <summary>
    /// Whether an entry is in its use number <paramref name="generation"/>. Any index is safe. An even generation
    /// proves nothing.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe bool Has(uint index, uint generation) =>
        // Safe: a page that was ever given out stays readable.
        index < Volatile.Read(ref s_count) && Volatile.Read(ref ((uint*)Range.Start)[index]) == generation;

    /// <summary>The generation of an entry in a page that was given out.</summary>
    public static unsafe ref uint Of(uint index) => ref ((uint*)Range.Start)[index];

    /// <summary>Gives out a page of unused entries.</summary>
    /// <param name="page">The number of the page. Its first index is that number shifted by
    /// <see cref="Shift"/>.</param>
    /// <returns><see langword="false"/> when the system refuses the memory, or all pages are given out.</returns>
    public static bool TryTakePage(out uint page)
    {
        using (s_lock.Hold())
        {
            bool again = s_free.TryPop(out page);
            if (!again && !TryCommitNext(out page))
            {
                return false;
            }

            uint first = page << Shift;
            for (int i = 0; i < EntriesInPage; i++)
            {
                Volatile.Write(ref Of(first + (uint)i), s_next[(int)page]);
            }

            if (!again)
            {
                Volatile.Write(ref s_count, s_count + (uint)EntriesInPage); // last, because it says what can be read
            }

            return true;
        }
    }

    /// <summary>Takes a page back. Its handles are stale from now on.</summary>
    public static void GivePage(uint page)
    {
        using (s_lock.Hold())
        {
            uint first = page << Shift, next = First;
            for (int i = 0; i < EntriesInPage; i++)
            {
                next = Math.Max(next, Of(first + (uint)i));
            }

            next += next & 1; // an odd one was in use when its cache was destroyed; after the last generation this is 0
            for (int i = 0; i < EntriesInPage; i++)
            {
                Volatile.Write(ref Of(first + (uint)i), next == 0 ? Last - 1 : next);
            }

            s_next[(int)page] = next;
            if (next is not 0 and not Last - 1)
            {
                s_free.Push(page);
            }

            if (page != 0) // not page 0: it holds entry 0, which must not read as 0
            {
                // Refused, it stays as it is: as good.
                OsMemory.Current.Trim(s_start + (nint)((long)page * Page.Size), Page.Size);
            }
        }
    }

    /// <summary>
    /// The range, for unmapping when SlabGen's own load context and every handle are gone. It is empty if no handle was
    /// ever made.
    /// </summary>
    public static (nint Start, long Bytes) Reserved
    {
        get
        {
            using (s_lock.Hold())
            {
                return (s_start, s_bytes);
            }
        }
    }

    private static bool TryCommitNext(out uint page)
    {
        page = (uint)s_next.Count;
        if (s_bytes == 0 && (s_bytes = Reserve(OsMemory.Current, out s_start)) == 0)
        {
            return false;
        }

        s_next.EnsureCapacity(s_next.Count + 1); // first, because there may be no memory for it,
        s_free.EnsureCapacity(s_next.Count + 1); // and giving a page back must not fail
        if ((page + 1L) * Page.Size > s_bytes
            || SlabFaults.OfProcess.Fails(FaultPoint.Commit)
            || !OsMemory.Current.Commit(s_start + (nint)((long)page * Page.Size), Page.Size))
        {
            return false;
        }

        s_next.Add(First);
        return true;
    }

    /// <summary>Reserves the range: a smaller one where address space is scarce.</summary>
    /// <param name="memory">The system.</param>
    /// <param name="start">The range.</param>
    /// <returns>The number of bytes; 0 when no range is free at this moment.</returns>
    internal static long Reserve(IOsMemory memory, out nint start)
    {
        for (long bytes = Math.Min(MostBytes, memory.MaxReservation / 16); bytes >= LeastBytes; bytes /= 2)
        {
            start = memory.ReserveApart(bytes, Page.Size);
            if (start != 0)
            {
                return bytes;
            }
        }

        start = 0;
        return 0;
    }

    /// <summary>The start of the range, for readers. It is not read before a page was given out.</summary>
    private static class Range
    {
        public static readonly nint Start;

        // An explicit static constructor runs at the first read, and not before.
        static Range() => Start = s_start;
    }
}
