using SlabGen.Memory;

namespace SlabGen.Tests.Memory;

/// <summary>
/// Proves that limits come from the machine and its control groups, and fit the addresses there are. Catches a limit that follows the
/// collector's, groups that are overlooked, and a default runtime that does not start.
/// </summary>
public sealed class MachineMemoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("slabgen-groups").FullName;

    [Fact]
    public void Groups_of_version_2_limit_by_max_and_high_up_the_tree()
    {
        string mounts = $"30 23 0:26 / {_root} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
        Write("a/b/memory.max", "max");
        Write("a/b/memory.high", "max");
        Assert.Equal(long.MaxValue, ControlGroup.Limit("0::/a/b\n", mounts));
        Write("memory.max", "9000");
        Assert.Equal(9000, ControlGroup.Limit("0::/a/b\n", mounts));
        Write("a/memory.high", "700");
        Assert.Equal(700, ControlGroup.Limit("0::/a/b\n", mounts));
        Write("a/b/memory.max", "600");
        Assert.Equal(600, ControlGroup.Limit("0::/a/b\n", mounts));
        Write("a/c/memory.max", "5"); // a stranger's
        Assert.Equal(600, ControlGroup.Limit("0::/a/b\n", mounts));
        Assert.Equal(9000, ControlGroup.Limit("0::/\n", mounts));
        Assert.Equal(9000, ControlGroup.Limit("0::/../elsewhere\n", mounts)); // outside what this namespace sees
    }

    [Fact]
    public void Groups_of_version_1_limit_by_their_file_and_by_what_those_above_permit()
    {
        string mounts = $"35 31 0:31 / /elsewhere rw - cgroup cgroup rw,cpu\n36 31 0:32 / {_root} rw,relatime - cgroup cgroup rw,memory\n";
        const string Groups = "9:name=systemd:/\n4:cpu:/x\n3:hugetlb,memory:/a/b\n0::/\n";
        Write("a/b/memory.limit_in_bytes", "9223372036854771712");
        Assert.Equal(9223372036854771712, ControlGroup.Limit(Groups, mounts));
        Write("a/memory.limit_in_bytes", "4096000");
        Assert.Equal(4096000, ControlGroup.Limit(Groups, mounts));
        Write("a/b/memory.stat", "cache 1\nhierarchical_memory_limit 2048000\nhierarchical_memsw_limit 1\n");
        Assert.Equal(2048000, ControlGroup.Limit(Groups, mounts));
        Assert.Equal(long.MaxValue, ControlGroup.Limit("4:cpu:/x\n", mounts));
    }

    [Fact]
    public void A_container_that_sees_a_part_of_the_tree_finds_its_group_there()
    {
        Write("memory.max", "300");
        Write("sub/memory.max", "200");
        string mounts = $"36 31 0:32 /docker/123 {_root} ro - cgroup2 cgroup rw\n";
        Assert.Equal(300, ControlGroup.Limit("0::/docker/123\n", mounts));
        Assert.Equal(200, ControlGroup.Limit("0::/docker/123/sub\n", mounts));
        Assert.Equal(300, ControlGroup.Limit("0::/docker/1234\n", mounts)); // another one's name that begins alike
        Assert.Equal(long.MaxValue, ControlGroup.Limit("0::/\n", "not a mount\n\n1 2 - cgroup2\n"));
        Assert.Equal(long.MaxValue, ControlGroup.Limit(null, null));
    }

    [Fact]
    public void White_space_in_the_path_of_a_mount_is_escaped()
    {
        Write("with space/memory.max", "77");
        Assert.Equal(77, ControlGroup.Limit("0::/\n", $"1 2 0:3 / {_root}/with\\040space rw - cgroup2 c rw\n"));
    }

    [Fact]
    public void The_machines_memory_is_read_from_meminfo()
    {
        Assert.Equal(24_684_084L * 1024, MachineMemory.Total("MemTotal:       24684084 kB\nMemFree:        1 kB\n"));
        Assert.Equal(0, MachineMemory.Total("MemFree: 1 kB"));
        Assert.Equal(0, MachineMemory.Total(null));
        Assert.InRange(MachineMemory.Bytes, 64 << 20, 1L << 50);
    }

    [Fact]
    public void The_collectors_limit_is_not_SlabGens()
    {
        (long limit, _) = ChildProcess.Run("", ("DOTNET_GCHeapHardLimit", "6000000")); // hexadecimal: 100 MB
        Assert.Equal(MachineMemory.Bytes / 4 * 3 & -Page.Size, limit);
    }

    [Fact]
    public void The_default_runtime_fits_the_address_space_limit_of_the_process()
    {
        const long KiB = 6 << 20; // 6 GiB: three quarters of the machine, or half of that
        (long limit, int blocks) = ChildProcess.Run($"ulimit -v {KiB};", ("DOTNET_GCHeapHardLimit", "10000000"));
        Assert.InRange(limit, 64 << 20, KiB * 1024 / 2);
        Assert.Equal(Math.Min(300, limit * 9 / 10 >> 20), blocks);
    }

    [Fact]
    public void A_limit_that_nobody_set_shrinks_until_it_fits_and_one_that_was_set_is_refused()
    {
        var memory = new Narrow(32 << 20);
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { Memory = memory, Pressure = TestRuntime.NoPressure, MinFreeBytes = 1L << 30 });
        Assert.InRange(runtime.MemoryLimit, 8 << 20, 32 << 20);
        KmemCache cache = runtime.CreateCache("o", 64);
        cache.Free(cache.Alloc());
        const long Section = 4 << 20, Margins = Section + (5 * ApartRanges.Margin); // before a zone, behind it, and of its tables
        long objects = Page.RoundUp(runtime.MemoryLimit, Section), metadata = Page.RoundUp(runtime.MemoryLimit / 2, Section);
        Assert.InRange(memory.HeldNow, runtime.MemoryLimit, ((objects + metadata) * 17 / 16) + (2 * Margins)); // what did not fit was given back

        var error = Assert.Throws<OutOfMemoryException>(() => new SlabRuntime(new SlabRuntimeOptions { Memory = new Narrow(32 << 20), MemoryLimit = 64 << 20 }));
        Assert.Contains("no room for", error.Message, StringComparison.Ordinal);
        Assert.Throws<OutOfMemoryException>(() => new SlabRuntime(new SlabRuntimeOptions { Memory = new Narrow(0) }));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Write(string file, string text)
    {
        string path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text + "\n");
    }

    /// <summary>An address space with little room.</summary>
    private sealed class Narrow(long most) : TestRuntime.DecoratedMemory(OsMemory.Current)
    {
        private readonly Dictionary<nint, long> _reserved = [];

        public long HeldNow => _reserved.Values.Sum();

        public override nint Reserve(long bytes, long alignment)
        {
            nint start = HeldNow + bytes > most ? 0 : base.Reserve(bytes, alignment);
            if (start != 0)
            {
                _reserved.Add(start, bytes);
            }

            return start;
        }

        public override void Unmap(nint address, long bytes)
        {
            _reserved.Remove(address);
            base.Unmap(address, bytes);
        }
    }
}
