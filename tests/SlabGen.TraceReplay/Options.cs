namespace SlabGen.TraceReplay;

/// <summary>The command line.</summary>
internal sealed record Options(string File, string Allocator, bool Json, bool Help)
{
    /// <summary>The trace that lies beside the program.</summary>
    private static string DefaultFile => Path.Combine(AppContext.BaseDirectory, "sqlite.trace.gz");

    public const string HelpText = """
        usage: TraceReplay [FILE.trace.gz] [--allocator slabgen|malloc] [--json]

        Replays the allocations of a real program, on as many threads as it had, and reports time and memory.
        Without a file: a trace of sqlite3 that comes with the program.

          --allocator slabgen   SlabRuntime.Default.Kmalloc (the default)
          --allocator malloc    NativeMemory.Alloc and Free, which is the C library's malloc
          --json                one JSON object on one line
          --help                this text

        time                    wall time of the replay / operations, at tier 1, without stamps; the median of several replays
        peak live               the sum of the sizes of the live objects, at most, in the order of the trace
        peak committed          while the trace is replayed in its own order, every byte of every object being written:
                                slabgen: what the runtime counts (PeakCommittedBytes: every page it has taken, written or not, and its metadata)
                                malloc:  the growth of the process's anonymous resident memory, from /proc/self/smaps_rollup (Linux; elsewhere 0)
        overhead                (peak committed - peak live) / peak live
        committed after shrink  all objects freed, the threads alive but asleep, after SlabRuntime.Shrink or malloc_trim
        verified                every byte of every object still held its stamp when the object was freed

        Exit codes: 0 verified, 1 not verified or an error of the allocator, 2 a bad option or file, 3 out of memory.

        """;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ReplayException">An option is unknown, lacks its value or has a wrong one, or a second file is named.</exception>
    public static Options Parse(ReadOnlySpan<string> arguments)
    {
        string? file = null;
        string allocator = SlabGenAllocator.Name;
        bool json = false;
        bool help = false;

        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--json":
                    json = true;
                    break;
                case "--help" or "-h":
                    help = true;
                    break;
                case "--allocator":
                    allocator = ++i < arguments.Length ? arguments[i] : throw Bad("--allocator needs a value: slabgen or malloc");
                    if (allocator != SlabGenAllocator.Name && allocator != MallocAllocator.Name)
                    {
                        throw Bad($"unknown allocator '{allocator}': slabgen or malloc");
                    }

                    break;
                case ['-', ..] option:
                    throw Bad($"unknown option '{option}'; --help lists the options");
                case "":
                    throw Bad("the name of the file is empty");
                case string name:
                    file = file is null ? name : throw Bad($"one file at a time: '{file}' or '{name}'");
                    break;
            }
        }

        return new Options(file ?? DefaultFile, allocator, json, help);
    }

    private static ReplayException Bad(string message) => new(ExitCode.BadInput, message);
}
