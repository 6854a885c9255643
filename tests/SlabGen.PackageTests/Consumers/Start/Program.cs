using System.Diagnostics;
using System.Runtime;
using SlabGen;

// Prints the cost of the process's first object: methods JIT-compiled (all threads) and milliseconds. Then that of a second
// cache's first object (this thread's methods only).
// The first line is a warm-up: it compiles the Stopwatch calls, which are not part of that cost.
TimeSpan elapsed = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp());
long before = JitInfo.GetCompiledMethodCount(), start = Stopwatch.GetTimestamp();
Uses.First();
elapsed = Stopwatch.GetElapsedTime(start);
long methods = JitInfo.GetCompiledMethodCount() - before;
before = JitInfo.GetCompiledMethodCount(currentThread: true);
start = Stopwatch.GetTimestamp();
Uses.Second();
TimeSpan second = Stopwatch.GetElapsedTime(start);
long methodsOfSecond = JitInfo.GetCompiledMethodCount(currentThread: true) - before;
Console.WriteLine(FormattableString.Invariant($"{methods} {elapsed.TotalMilliseconds:F2} {methodsOfSecond} {second.TotalMilliseconds:F2}"));

internal static class Uses
{
    public static void First() => OrderCache.Free(OrderCache.Alloc());

    public static void Second() => ItemCache.Free(ItemCache.Alloc());
}

[SlabCache]
internal struct Order
{
    public long Id, Price, Quantity;
}

[SlabCache]
internal struct Item
{
    public long Id, Weight;
}
