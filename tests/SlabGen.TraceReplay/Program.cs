// TraceReplay replays what a real program asked of malloc, through SlabGen's Kmalloc or through malloc itself, and
// tells what that costs in time and in memory.
//
//   dotnet run -c Release --project tests/SlabGen.TraceReplay                           the trace that comes with it (sqlite)
//   dotnet run -c Release --project tests/SlabGen.TraceReplay -- --allocator malloc     the same through NativeMemory
//   dotnet run -c Release --project tests/SlabGen.TraceReplay -- FILE.trace.gz --json   another trace, one JSON object
//
// Allocators.cs is all that a program has to know of SlabGen. The rest is a measuring instrument:
//
//   TraceReader -> Trace          the file, checked: every record makes sense after those before it
//   ReplayPlan                    the trace cut into one array of operations per thread
//   OrderedVerification           pass 1: every object stamped and checked, in the order of the trace; memory is measured
//   ConcurrentVerification        pass 2: the same, the threads running freely
//   TimedReplay                   further passes: time, without stamps
//   Report                        the figures; its comments say how each one is measured
//
// Exit codes: 0 verified, 1 a stamp was wrong or the allocator failed, 2 a bad option or a bad file, 3 out of memory.

using SlabGen.TraceReplay;

try
{
    Options options = Options.Parse(args);

    if (options.Help)
    {
        Console.Out.Write(Options.HelpText);
        return ExitCode.Success;
    }

    Trace trace = TraceReader.Read(options.File);

    Report report = options.Allocator == MallocAllocator.Name
        ? Replay.Run<MallocAllocator>(trace)
        : Replay.Run<SlabGenAllocator>(trace);

    Console.Out.WriteLine(options.Json ? report.ToJson() : report.ToText());

    if (report.Verified)
    {
        return ExitCode.Success;
    }

    throw new ReplayException(ExitCode.Failure, $"{trace.Name}: {report.FirstWrongStamp}");
}
catch (ReplayException exception)
{
    // One line whatever the message holds: the message may quote a file name.
    Console.Error.WriteLine($"TraceReplay: {exception.Message.ReplaceLineEndings(" ")}");
    return exception.ExitCode;
}
catch (OutOfMemoryException)
{
    Console.Error.WriteLine("TraceReplay: out of memory while reading the trace");
    return ExitCode.OutOfMemory;
}
catch (IOException exception)
{
    Console.Error.WriteLine($"TraceReplay: the report cannot be written: {exception.Message}");
    return ExitCode.Failure;
}
