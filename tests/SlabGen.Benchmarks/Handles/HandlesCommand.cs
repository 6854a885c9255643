using System.Diagnostics;

namespace SlabGen.Benchmarks.Handles;

/// <summary><c>handles</c>: reading the first word of objects by handle, next to reading it by pointer.</summary>
internal static class HandlesCommand
{
    private const int Runs = 15;

    public static void Run()
    {
        Console.WriteLine(Machine.Summary);
        Console.WriteLine("Nanoseconds to read one word of an object of 64 bytes, through an array of pointers and one of handles; medians.");
        Console.WriteLine();
        Console.WriteLine("|   objects | order      | pointer | handle | ratio |");
        Console.WriteLine("|----------:|:-----------|--------:|-------:|------:|");
        foreach (int count in (int[])[1_000, 10_000, 100_000, 1_000_000])
        {
            Measure(count, isRandom: false);
            Measure(count, isRandom: true);
        }
    }

    private static void Measure(int count, bool isRandom)
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 1L << 30 });
        var objects = new SlabHandles<long>(runtime.CreateCache("objects", 64));
        var handles = new SlabHandle<long>[count];
        var pointers = new SlabPtr<long>[count];
        for (int i = 0; i < count; i++)
        {
            handles[i] = objects.Alloc();
            handles[i].Value = i;
        }

        if (isRandom)
        {
            new Random(1).Shuffle(handles);
        }

        for (int i = 0; i < count; i++)
        {
            handles[i].TryGet(out pointers[i]);
        }

        long sum = 0;
        TierOne.Reach([() => sum += SumOf(pointers.AsSpan(0, TierOne.WarmUpIterations)), () => sum += SumOf(handles.AsSpan(0, TierOne.WarmUpIterations))]);
        int passes = Math.Max(1, 2_000_000 / count);
        double[] byPointer = new double[Runs], byHandle = new double[Runs];
        for (int run = 0; run < Runs; run++) // in turns, so that a noisy moment hits both
        {
            byPointer[run] = Time(passes, count, () => SumOf(pointers), ref sum);
            byHandle[run] = Time(passes, count, () => SumOf(handles), ref sum);
        }

        if (SumOf(pointers) != SumOf(handles))
        {
            throw new InvalidOperationException("The handles lead elsewhere than the pointers.");
        }

        GC.KeepAlive(sum);
        Array.Sort(byPointer);
        Array.Sort(byHandle);
        double pointer = byPointer[Runs / 2], handle = byHandle[Runs / 2];
        Console.WriteLine($"| {count,9} | {(isRandom ? "random" : "sequential"),-10} | {pointer,7:f2} | {handle,6:f2} | {handle / pointer,5:f2} |");
        Array.ForEach(handles, objects.Free);
    }

    private static double Time(int passes, int count, Func<long> pass, ref long sum)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < passes; i++)
        {
            sum += pass();
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / ((double)passes * count);
    }

    private static long SumOf(ReadOnlySpan<SlabPtr<long>> pointers)
    {
        long sum = 0;
        foreach (SlabPtr<long> pointer in pointers)
        {
            sum += pointer.Value;
        }

        return sum;
    }

    private static long SumOf(ReadOnlySpan<SlabHandle<long>> handles)
    {
        long sum = 0;
        foreach (SlabHandle<long> handle in handles)
        {
            sum += handle.Value;
        }

        return sum;
    }
}
