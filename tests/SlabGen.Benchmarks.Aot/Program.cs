using System.Diagnostics;
using System.Globalization;
using SlabGen.Benchmarks.Aot;

if (args is ["start"])
{
    FirstObjects.Measure();
    return;
}

// Prints a workload's name and the nanoseconds of an allocation and a free, line by line.
(string Name, int Objects, Action Call)[] workloads =
[
    ("pair", 10_000, static () => Loops.Pair(10_000)),
    ("pair-local", 10_000, static () => Loops.PairLocal(10_000)),
    ("batch1000", 10_000, static () => Loops.Batches(10)),
    ("replace128k", 10_000, static () => Loops.Replace(10_000)),
    ("kmalloc-pair", 10_000, static () => Loops.KmallocPair(10_000)),
];

// The JIT's last tier is reached by calls that are short and many; ahead-of-time code has been there all along.
for (int round = 0; round < 8; round++)
{
    for (int call = 0; call < 60; call++)
    {
        Loops.Pair(100);
        Loops.PairLocal(100);
        Loops.Batches(0);
        Loops.Replace(100);
        Loops.KmallocPair(100);
    }

    FastPath.Free(FastPath.Alloc());
    Thread.Sleep(150);
}

const int runs = 21;
double[][] times = [.. workloads.Select(_ => new double[runs])];
for (int run = 0; run < runs; run++)
{
    for (int i = 0; i < workloads.Length; i++)
    {
        const int calls = 20;
        long start = Stopwatch.GetTimestamp();
        for (int call = 0; call < calls; call++)
        {
            workloads[i].Call();
        }

        times[i][run] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / (calls * workloads[i].Objects);
    }
}

for (int i = 0; i < workloads.Length; i++)
{
    Array.Sort(times[i]);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{workloads[i].Name} {times[i][runs / 2]:f3}"));
}
