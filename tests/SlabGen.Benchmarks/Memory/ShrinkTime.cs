using System.Diagnostics;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Memory;

/// <summary>How long it takes to give back what so many free objects hold, in milliseconds: the median, and the longest of the tries.</summary>
internal sealed record ShrinkTime(int Objects, double Milliseconds, double Longest);

/// <summary>Measures <see cref="ShrinkTime"/>.</summary>
internal sealed class ShrinkTimeVisitor(int count) : IPeerVisitor<ShrinkTime>
{
    private const int Tries = 9;

    public ShrinkTime Visit<TAllocator, TObject>(Peer peer)
        where TAllocator : struct, IAllocator<TObject>
        where TObject : struct, IObject<TObject>
    {
        var objects = new TObject[count];
        var times = new List<double>();
        for (int i = 0; i < Tries; i++)
        {
            MemoryUseVisitor.Fill<TAllocator, TObject>(objects);
            MemoryUseVisitor.Free<TAllocator, TObject>(objects);
            long start = Stopwatch.GetTimestamp();
            TAllocator.GiveBack();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        return new ShrinkTime(count, times[Tries / 2], times[^1]);
    }
}
