using System.Diagnostics;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace SlabGen.Benchmarks.Aot;

[SlabCache]
internal struct Other
{
    public long Id, Price, Quantity;
}

/// <summary>The first object of this process, and that of a second cache.</summary>
internal static class FirstObjects
{
    /// <summary>Prints the methods that the JIT compiled for each, and the milliseconds: the first one, then that of the second cache.</summary>
    public static void Measure()
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp()); // compiled, or loaded, before it counts
        long before = JitInfo.GetCompiledMethodCount(), start = Stopwatch.GetTimestamp();
        One();
        elapsed = Stopwatch.GetElapsedTime(start);
        long methods = JitInfo.GetCompiledMethodCount() - before;
        before = JitInfo.GetCompiledMethodCount(currentThread: true); // without the background threads, which begin now
        start = Stopwatch.GetTimestamp();
        OfAnother();
        TimeSpan second = Stopwatch.GetElapsedTime(start);
        long methodsOfSecond = JitInfo.GetCompiledMethodCount(currentThread: true) - before;
        Console.WriteLine(FormattableString.Invariant($"{methods} {elapsed.TotalMilliseconds:F3} {methodsOfSecond} {second.TotalMilliseconds:F3}"));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void One() => ItemCache.Free(ItemCache.Alloc());

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void OfAnother() => OtherCache.Free(OtherCache.Alloc());
}
