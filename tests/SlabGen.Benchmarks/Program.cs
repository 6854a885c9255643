using System.Globalization;
using SlabGen;
using SlabGen.Benchmarks;
using SlabGen.Benchmarks.Allocators;
using SlabGen.Benchmarks.Aot;
using SlabGen.Benchmarks.Bdn;
using SlabGen.Benchmarks.Collections;
using SlabGen.Benchmarks.Consolidation;
using SlabGen.Benchmarks.Epochs;
using SlabGen.Benchmarks.Gc;
using SlabGen.Benchmarks.Handles;
using SlabGen.Benchmarks.Hardening;
using SlabGen.Benchmarks.Jit;
using SlabGen.Benchmarks.Latency;
using SlabGen.Benchmarks.Memory;
using SlabGen.Benchmarks.Pages;
using SlabGen.Benchmarks.Ratios;
using SlabGen.Benchmarks.Scaling;
using SlabGen.Benchmarks.Start;

if (new SlabRuntimeOptions().Checked)
{
    Console.Error.WriteLine("SLABGEN_DEBUG is set, and every call would be checked: unset it to measure.");
    return 2;
}

var options = new Options(args);
try
{
    Peers.Find(options.Peers);
}
catch (ArgumentException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}

if (options.Write && (options.Quick || options.Only.Length > 0))
{
    Console.Error.WriteLine("--write takes a whole run's results: not with --quick or --only.");
    return 2;
}

switch (options.Command)
{
    case "ratios":
        RatiosCommand.Run(options);
        return 0;
    case "memory":
        MemoryCommand.Run(options);
        return 0;
    case "latency":
        LatencyCommand.Run(options);
        return 0;
    case "scaling":
        ScalingCommand.Run(options);
        return 0;
    case "bdn":
        BdnCommand.Run(options);
        return 0;
    case "pages":
        PagesCommand.Run(options);
        return 0;
    case "consolidate":
        ConsolidateCommand.Run(options);
        return 0;
    case "rcu":
        RcuCommand.Run();
        return 0;
    case "collections":
        CollectionsCommand.Run(options);
        return 0;
    case "handles":
        HandlesCommand.Run();
        return 0;
    case "hardening":
        HardeningCommand.Run();
        return 0;
    case "jit":
        JitCommand.Run(options);
        return 0;
    case "aot":
        return AotCommand.Run(options);
    case "start":
        return StartCommand.Run(options);
    case MemoryChild.Command:
        MemoryChild.Measure(options);
        return 0;
    case GcChild.Command:
        GcChild.Measure(options);
        return 0;
    case ConsolidateCommand.ChildCommand:
        ConsolidateCommand.RunChild(options);
        return 0;
    case JitCommand.ChildCommand:
        FastPath.WarmUp(int.Parse(options.Values[0], CultureInfo.InvariantCulture));
        return 0;
    default:
        Console.Error.WriteLine("""
            Usage: dotnet run -c Release --project tests/SlabGen.Benchmarks -- <command>

              ratios [--json] [--quick] [--write] [--only <workload>] [--peer <name>=<path.so>:<alloc>:<free>]...
                                   time per object on every allocator that is found, memory, and the collector
              memory [--json] [--quick] [--write] [--peer ...]
                                   memory that the objects take, and what is left of it
              latency [--json] [--quick] [--write]
                                   the time of single allocations, to the longest
              scaling [--json] [--quick] [--write] [--peer ...]
                                   1 to 64 threads
              bdn [filter]         BenchmarkDotNet over the same workloads
              pages [--json] [--quick]
                                   whole pages, next to mmap and aligned malloc
              consolidate [--json]
                                   what stays when one object in 64 survives
              collections [--json] [--quick] [--write]
                                   collections in slabs, next to the BCL's
              handles              reading an object by handle, next to by pointer
              hardening            what checking and each option against misuse cost
              rcu                  a read-side section, next to two thread-static accesses
              jit [--json]         the machine code of Alloc and Free
              aot [--json] [--quick] [--write]
                                   NativeAOT next to the JIT, and its machine code of Alloc and Free
              start [--json] [--quick] [--write]
                                   the first object of a process, on the JIT, from the package, under NativeAOT
            """);
        return 2;
}
