using System.Runtime.InteropServices;
using SlabGen.Memory;

namespace SlabGen.Magazines;

/// <summary>
/// A stack of addresses of free objects (Bonwick and Adams, USENIX 2001; Linux 6.18 calls it a sheaf). It is native
/// memory, one chunk of a metadata pool: this header, then the rounds.
/// </summary>
/// <remarks>
/// One place at a time owns it, and only the owner may touch it. The owner is a thread cache, a shelf of the depot
/// (under the depot's lock), or a local variable on the way. A thread cache's gate guards its magazines, except for the
/// rounds that the fast path pushes and pops.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal struct Magazine
{
    private const int MaxGrownBytes = 64 << 10;

    /// <summary>Links on a shelf or on the list of empty magazines.</summary>
    public unsafe Magazine* Newer, Older;

    /// <summary>The number of objects in the magazine, while it is not loaded in a thread cache.</summary>
    public int Count;

    /// <summary>
    /// The number of rounds that it has room for. After a cache has changed to larger magazines, its magazines differ
    /// for a while.
    /// </summary>
    public int Capacity;

    /// <summary>The address of the first round.</summary>
    public static unsafe nint* Rounds(Magazine* magazine) => (nint*)(magazine + 1);

    /// <summary>The bytes of a magazine with this many rounds.</summary>
    public static unsafe int BytesFor(int rounds) => sizeof(Magazine) + (rounds * sizeof(nint));

    public static unsafe ReadOnlySpan<nint> Objects(Magazine* magazine) => new(Rounds(magazine), magazine->Count);

    /// <exception cref="ArgumentOutOfRangeException">A magazine with this many rounds does not fit into a page. 0
    /// leaves the choice to the cache.</exception>
    public static void ValidateRounds(string cacheName, int rounds)
    {
        int most = (Page.Size - BytesFor(0)) / sizeof(long);
        if (rounds < 0 || rounds > most)
        {
            throw SlabCacheOptions.Refuse(cacheName, nameof(SlabCacheOptions.MagazineRounds), rounds,
                $"must be from 1 to {most}, or 0");
        }
    }

    /// <summary>
    /// The first number of rounds for an object size: some 16 KB of objects. A thread's two magazines then stay within
    /// its first caches, and a chunk fills a page without waste.
    /// </summary>
    public static int RoundsFor(int objectSize) => objectSize switch
    {
        <= 64 => 253,
        <= 128 => 125,
        <= 256 => 61,
        <= 512 => 29,
        <= 2048 => 13,
        <= 8192 => 5,
        <= 32768 => 3,
        _ => 1,
    };

    /// <summary>
    /// The next larger size of magazine, if it holds at most 64 KiB of objects; otherwise the same size.
    /// </summary>
    /// <remarks>
    /// libumem's table of magazine types goes on to some 100 KiB. But there magazines belong to processors, here to
    /// threads.
    /// </remarks>
    public static int GrownRounds(int rounds, int objectSize)
    {
        ReadOnlySpan<int> sizes = [1, 3, 5, 13, 29, 61, 125, 253, 509];
        foreach (int larger in sizes)
        {
            if (larger > rounds)
            {
                return (long)larger * objectSize <= MaxGrownBytes && BytesFor(larger) <= Page.Size ? larger : rounds;
            }
        }

        return rounds;
    }
}
