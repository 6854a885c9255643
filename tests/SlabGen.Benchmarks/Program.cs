using SlabGen.Benchmarks;
using SlabGen.Benchmarks.Allocators;
using SlabGen.Benchmarks.Jit;
using SlabGen.Benchmarks.Memory;
using SlabGen.Benchmarks.Pages;
using SlabGen.Benchmarks.Ratios;

var options = new Options(args);
Peers.Find(options.Peers);
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
    case "jit":
        JitCommand.Run();
        return 0;
    case MemoryChild.Command:
        MemoryChild.Measure(options);
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
              jit                                             the machine code of Alloc and Free
            """);
        return 2;
}
