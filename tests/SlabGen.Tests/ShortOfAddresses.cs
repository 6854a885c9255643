using System.Globalization;
using System.Runtime.InteropServices;

namespace SlabGen.Tests;

/// <summary>A process that has no addresses left for a while.</summary>
internal static partial class ShortOfAddresses
{
    private const int AddressSpace = 9; // RLIMIT_AS

    /// <summary>Takes handles when not even 1 MiB of addresses is left, and again when the limit is as it was.</summary>
    public static (long Short, int Later) TakeHandles()
    {
        var handles = new SlabHandles<long>(SlabRuntime.Default.CreateCache<long>("o"));
        handles.Cache.Free(handles.Cache.Alloc());
        Check(Get(AddressSpace, out Limit usual));
        Check(Set(AddressSpace, usual)); // each is called once before they must not need anything
        string mapped = File.ReadAllText("/proc/self/statm").Split(' ')[0];
        nuint left = (nuint)((long.Parse(mapped, CultureInfo.InvariantCulture) * Environment.SystemPageSize) + (768 << 10));
        Check(Set(AddressSpace, usual with { Soft = left }));
        int few = TakeAll(handles, 1);
        Check(Set(AddressSpace, usual));
        return (few, TakeAll(handles, 400_000));
    }

    private static int TakeAll(SlabHandles<long> handles, int wanted)
    {
        int taken = 0;
        for (; taken < wanted && handles.TryAlloc(out _); taken++)
        {
            // They stay: the process ends.
        }

        return taken;
    }

    private static void Check(int failed)
    {
        if (failed != 0)
        {
            throw new InvalidOperationException($"rlimit: {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int Get(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int Set(int resource, in Limit limit);

    private record struct Limit(nuint Soft, nuint Hard);
}
