using System.Globalization;
using System.Numerics;
using SlabGen.Memory;

namespace SlabGen;

/// <summary>
/// The sizes of <see cref="Kmalloc"/>'s caches: 8, then multiples of 16 up to 256, then eight to each doubling, which
/// waste at most a ninth of a block (the kernel's <c>kmalloc_info</c> has one to each doubling there, and wastes up to
/// half). Above <see cref="Largest"/> they are whole pages: any number up to 16, then eight to each doubling.
/// </summary>
internal static class KmallocSizes
{
    /// <summary>The largest size of which a slab holds several blocks.</summary>
    public const int Largest = 8192;

    /// <summary>
    /// The largest size that comes from a cache, if the memory limit is not small: a thread may keep some blocks, and a
    /// slab must find its pages in one piece.
    /// </summary>
    public const int LargestWhole = 1 << 20;

    private const int LimitFraction = 64;

    public static ReadOnlySpan<int> All =>
    [
        8, 16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256,
        288, 320, 352, 384, 416, 448, 480, 512, 576, 640, 704, 768, 832, 896, 960, 1024,
        1152, 1280, 1408, 1536, 1664, 1792, 1920, 2048, 2304, 2560, 2816, 3072, 3328, 3584, 3840, 4096,
        4608, 5120, 5632, 6144, 6656, 7168, 7680, 8192,
    ];

    // By BucketOf, so that one load finds the cache of a size.
    private static readonly byte[] s_index = BuildIndex();

    /// <summary>The eighths of a size, rounded up: what an array by size is indexed by.</summary>
    public static int BucketOf(nuint size) => (int)((uint)(size + 7) >> 3);

    /// <summary>
    /// The index of the smallest size that holds <paramref name="size"/> bytes, 1 to <see cref="Largest"/>.
    /// </summary>
    public static int IndexOf(nuint size) => s_index[BucketOf(size)];

    /// <summary>The bytes that a block of 1 byte or more has at least, which its user may as well have.</summary>
    public static int UsableSize(int size) =>
        size <= Largest ? All[IndexOf((nuint)size)] : (int)Math.Min(Page.RoundUp(size, Page.Size), int.MaxValue);

    /// <summary>A power of two is aligned to itself, within a page; every other size but 8 to 16 bytes.</summary>
    public static int AlignmentOf(int size) => BitOperations.IsPow2(size) ? Math.Min(size, Page.Size) : 16;

    /// <summary>As in the kernel: <c>kmalloc-64</c>, <c>kmalloc-2k</c>.</summary>
    public static string NameOf(string instance, int size) =>
        $"{instance}-" + (size % 1024 == 0 ? $"{size / 1024}k" : size.ToString(CultureInfo.InvariantCulture));

    /// <summary>The numbers of pages of which there is a cache, with a memory limit of so many bytes.</summary>
    public static int[] WholePages(long limit)
    {
        int most = (int)(Math.Min(LargestWhole, limit / LimitFraction) >> Page.Shift);
        var pages = new List<int>();
        for (int count = (Largest >> Page.Shift) + 1, step = 1; count <= most; count += step)
        {
            pages.Add(count);
            step = count < 16 ? 1 : (int)BitOperations.RoundUpToPowerOf2((uint)count + 1) / 16;
        }

        return [.. pages];
    }

    /// <summary>
    /// The rounds of a magazine of whole pages: few (<see cref="Magazines.WholePageShare"/>). Programs take buffers of
    /// up to some 64 KiB by the handful.
    /// </summary>
    public static int WholeRounds(int size) => size switch
    {
        <= 32 << 10 => 8,
        <= 64 << 10 => 5,
        <= 128 << 10 => 2,
        _ => 1,
    };

    private static byte[] BuildIndex()
    {
        byte[] index = new byte[(Largest / 8) + 1];
        for (int i = 0, bucket = 0; i < index.Length; i++)
        {
            bucket += i * 8 > All[bucket] ? 1 : 0;
            index[i] = (byte)bucket;
        }

        return index;
    }
}
