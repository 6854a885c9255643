using System.Globalization;
using SlabGen.Magazines;
using SlabGen.Reclaim;

namespace SlabGen.Tests.Reclaim;

/// <summary>Each source says so when memory is short, and then what lies free goes back.</summary>
public sealed class PressureTests
{
    [Fact]
    public void Cgroup_IsShort_NearItsLimit_OrWhenTheKernelCountedIt()
    {
        using var group = new FakeGroup();
        group.Write("memory.current", 500);
        group.Write("memory.high", "max");
        group.Write("memory.max", "max");
        group.Write("memory.stat", "anon 400\ninactive_file 100\n");
        group.Write("memory.events", "low 0\nhigh 3\nmax 0\noom 0\n");
        using var source = new CgroupMemory(group.Path);
        Assert.False(source.IsShort()); // no limit, and the 3 were before our time

        group.Write("memory.high", 450);
        Assert.False(source.IsShort()); // 400 of 450 cannot be dropped: 88 %
        group.Write("memory.current", 505);
        Assert.True(source.IsShort());
        group.Write("memory.high", "max");
        group.Write("memory.max", 450);
        Assert.True(source.IsShort());
        group.Write("memory.max", 10_000);
        Assert.False(source.IsShort());

        group.Write("memory.events", "low 0\nhigh 4\nmax 0\noom 0\n");
        Assert.True(source.IsShort());
        Assert.False(source.IsShort()); // once
    }

    [Fact]
    public void Cgroup_IsFoundByTheLineOfTheSecondVersion()
    {
        using var group = new FakeGroup();
        Directory.CreateDirectory(System.IO.Path.Combine(group.Path, "a", "b"));
        group.Write(System.IO.Path.Combine("a", "b", "memory.current"), 1);
        Assert.Equal(System.IO.Path.Join(group.Path, "/a/b"), CgroupMemory.DirectoryOf("4:memory:/x\n0::/a/b", group.Path));
        Assert.Null(CgroupMemory.DirectoryOf("4:memory:/a/b", group.Path));
        Assert.Null(CgroupMemory.DirectoryOf("0::/", group.Path)); // the root has no such file
        Assert.Null(CgroupMemory.DirectoryOf(null, group.Path));
    }

    [Fact]
    public void GcMemoryLoad_IsShort_AboveNineTenthsOfTheThreshold()
    {
        Assert.True(GcMemoryLoad.IsHigh(90, 100));
        Assert.False(GcMemoryLoad.IsHigh(89, 100));
        Assert.False(GcMemoryLoad.IsHigh(89, 0)); // no collection has looked yet
        Assert.Equal((1000 * 1024, 300 * 1024), GcMemoryLoad.Available("MemTotal:    1000 kB\nMemFree:  1 kB\nMemAvailable:  300 kB\n"));
        Assert.Null(GcMemoryLoad.Available("MemTotal:    1000 kB\n"));
        Assert.Null(GcMemoryLoad.Available(null));
        GCMemoryInfo info = GC.GetGCMemoryInfo(GCKind.Any); // how short this machine is, or its container, is its own affair
        Assert.SkipWhen(info.MemoryLoadBytes > info.HighMemoryLoadThresholdBytes / 2, "much of the memory is in use");
        Assert.False(new GcMemoryLoad().IsShort());
    }

    [Fact]
    public void PressureStall_OpensItsTrigger_AndIsQuiet()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "of Linux");
        Assert.Null(PressureStall.TryOpen("/no/such/file"));
        using PressureStall? stall = PressureStall.TryOpen("/proc/pressure/memory");
        Assert.SkipUnless(stall is not null, "this kernel gives this process no trigger");
        stall.IsShort(); // what it says is the machine's affair
    }

    [Fact]
    public void A_monitor_that_waits_in_the_kernel_ends_at_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "of Linux");
        using var group = new FakeGroup();
        group.Write("memory.pressure", "a file that never has anything urgent to read");
        PressureStall? stall = PressureStall.TryOpen(System.IO.Path.Combine(group.Path, "memory.pressure"));
        Assert.NotNull(stall);
        var monitor = new PressureMonitor([stall], TimeSpan.FromMinutes(2));
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 64 << 20, ReapInterval = Timeout.InfiniteTimeSpan, Pressure = monitor });
        KmemCache cache = runtime.CreateCache("o", 64);
        cache.Free(cache.Alloc());
        monitor.Start();
        Assert.True(SpinWait.SpinUntil(() => monitor.Worker.Passes > 0, 60_000));
        Thread.Sleep(50); // most likely it waits by now; else it will find that it need not
        long began = Environment.TickCount64;
        monitor.Dispose();
        Assert.True(Environment.TickCount64 - began < 60_000, "it waited to the end of its interval");
        Assert.False(monitor.Worker.Runs);
    }

    [Fact]
    public void Pressure_TakesWhatLiesFree_AndAsksShrinkersHarderAndHarder()
    {
        var source = new Switch();
        using var monitor = new PressureMonitor([source], Timeout.InfiniteTimeSpan);
        var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 64 << 20, ReapInterval = Timeout.InfiniteTimeSpan, Pressure = monitor });
        KmemCache cache = runtime.CreateCache("o", 64);
        nint[] objects = new nint[10_000];
        cache.AllocBulk(objects);
        cache.FreeBulk(objects);
        nint kept = cache.Alloc();
        var shrinker = new Counter();
        runtime.Shrinkers.Register(shrinker);

        monitor.Tick();
        Assert.True(cache.Snapshot().CachedObjects > 0);
        Assert.Equal(0, shrinker.Scanned);

        source.On = true;
        long expected = 0;
        for (int tick = 0; tick <= ShrinkerRegistry.DefaultPriority; tick++)
        {
            expected += 2L * Counter.Objects >> (ShrinkerRegistry.DefaultPriority - tick); // 4 / seeks of a part that doubles
            monitor.Tick();
            Assert.True(SpinWait.SpinUntil(() => shrinker.Scanned == expected, 60_000), $"tick {tick}: {shrinker.Scanned}, not {expected}");
        }

        // Of this thread, which runs, an object may have to stay.
        Assert.True(SpinWait.SpinUntil(() => cache.Snapshot() is { CachedObjects: <= 1, Slabs: <= 2 }, 60_000), cache.Snapshot().ToString());
        Assert.True(runtime.CommittedBytes < 200_000, $"{runtime.CommittedBytes} bytes");
        source.On = false;
        cache.Free(kept);
        runtime.Dispose();
    }

    private sealed class Switch : PressureSource
    {
        public bool On { get; set; }

        public override string Name => "switch";

        public override bool IsShort() => On;
    }

    /// <summary>Counts the objects that it was asked to look at, and frees none.</summary>
    private sealed class Counter() : Shrinker("counter")
    {
        public const long Objects = 4096 * 128;

        private long _scanned;

        public long Scanned => Volatile.Read(ref _scanned);

        protected internal override long CountObjects(in ShrinkControl control) => Objects;

        protected internal override long ScanObjects(ref ShrinkControl control)
        {
            Interlocked.Add(ref _scanned, control.ToScan);
            return 0;
        }
    }

    private sealed class FakeGroup : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("slabgen-cgroup").FullName;

        public void Write(string file, object value) =>
            File.WriteAllText(System.IO.Path.Combine(Path, file), Convert.ToString(value, CultureInfo.InvariantCulture));

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
