using SlabGen.Benchmarks;
using SlabGen.Benchmarks.Consolidation;
using SlabGen.Benchmarks.Handles;
using SlabGen.Benchmarks.Jit;
using SlabGen.Benchmarks.Memory;
using SlabGen.Benchmarks.Pages;
using SlabGen.Benchmarks.Ratios;

var options = new Options(args);
switch (options.Command)
{
    case "ratios":
        RatiosCommand.Run(options);
        return 0;
    case "memory":
        MemoryCommand.Run(options);
        return 0;
    case "pages":
        PagesCommand.Run(options);
        return 0;
    case "consolidate":
        ConsolidateCommand.Run(options);
        return 0;
    case "handles":
        HandlesCommand.Run();
        return 0;
    case "jit":
        JitCommand.Run();
        return 0;
    case MemoryCommand.ChildCommand:
        MemoryCommand.RunChild(options);
        return 0;
    case ConsolidateCommand.ChildCommand:
        ConsolidateCommand.RunChild(options);
        return 0;
    case JitCommand.ChildCommand:
        FastPath.WarmUp();
        return 0;
    default:
        Console.Error.WriteLine("""
            Usage: dotnet run -c Release --project tests/SlabGen.Benchmarks -- <command>

              ratios [--json] [--quick] [--only <workload>]   time per object, and the ratio to malloc
              memory [--json]                                 memory that the objects take, and what is left of it
              pages [--json] [--quick]                        whole pages, next to mmap and aligned malloc
              consolidate [--json]                            what stays when one object in 64 survives
              handles                                         reading an object by handle, next to by pointer
              jit                                             the machine code of Alloc and Free
            """);
        return 2;
}
