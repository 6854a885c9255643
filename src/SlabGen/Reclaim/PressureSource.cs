namespace SlabGen.Reclaim;

/// <summary>Something outside that knows when the machine or the container is short of memory.</summary>
/// <remarks>One thread at a time asks it.</remarks>
internal abstract class PressureSource : IDisposable
{
    /// <summary>Its name, for diagnostics.</summary>
    public abstract string Name { get; }

    /// <summary>Whether memory is short, or was at some moment since the last call.</summary>
    public abstract bool IsShort();

    /// <summary>Whether <see cref="Wait"/> returns as soon as memory is short.</summary>
    public virtual bool CanWait => false;

    /// <summary>
    /// Waits in the kernel until memory is short, the time is over, or <see cref="EndWait"/> was called.
    /// </summary>
    public virtual void Wait(int milliseconds) => throw new NotSupportedException($"{Name} cannot be waited for.");

    /// <summary>Ends a wait that is under way, and every later one. Any thread may call.</summary>
    public virtual void EndWait()
    {
    }

    public void Dispose() => Dispose(disposing: true);

    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>The sources that this system has.</summary>
    public static PressureSource[] OfThisSystem()
    {
        var sources = new List<PressureSource> { new GcMemoryLoad() };
        if (OperatingSystem.IsLinux())
        {
            string? cgroup = CgroupMemory.DirectoryOf(Memory.SystemFile.Read("/proc/self/cgroup"), "/sys/fs/cgroup");
            if (cgroup is not null)
            {
                sources.Add(new CgroupMemory(cgroup));
            }

            // Use the container's trigger if there is one, else the machine's.
            PressureStall? ofGroup = cgroup is null
                ? null : PressureStall.TryOpen(Path.Combine(cgroup, "memory.pressure"));
            if ((ofGroup ?? PressureStall.TryOpen("/proc/pressure/memory")) is { } stall)
            {
                sources.Add(stall);
            }
        }
        else if (OperatingSystem.IsWindows())
        {
            sources.Add(new WindowsLowMemory());
        }

        return [.. sources];
    }
}
