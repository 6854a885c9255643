// A matching engine, once over slabs and once over ordinary objects.
//
//   dotnet run -c Release --project samples/MatchingEngine                       measures the engine over slabs
//   dotnet run -c Release --project samples/MatchingEngine -- --gc               the same over classes
//   dotnet run -c Release --project samples/MatchingEngine -- --compare          both, each in a process of its own
//   dotnet run -c Release --project samples/MatchingEngine -- --check            both do the same, trade by trade
//
//   Message, MessageGenerator   what comes in, from a seed
//   IOrderBook, Tape            what a book does, and what it tells
//   Slabs/                      the book that SlabGen is for: start at SlabBook.cs
//   Classes/                    the same book as ordinary objects
//   Measuring/                  clocks, the report, the chart
//
// Exit codes: 0 done, 1 the books differ or something was left, 2 a bad option, 3 out of memory or a file that cannot be written.

using MatchingEngine;
using MatchingEngine.Measuring;

try
{
    Options options = Options.Parse(args);
    switch (options.Command)
    {
        case Command.Help:
            Console.Out.Write(Options.HelpText);
            return 0;
        case Command.Check:
            return Check.Run(options);
        case Command.Compare:
            return Comparison.Run(options);
        default:
            Report report = Measurement.Run(options);
            Console.Out.WriteLine(options.Json ? report.ToJson() : report.ToText());
            return report.Problem is { } problem ? throw new SampleException(problem, 1) : 0;
    }
}
catch (SampleException exception)
{
    // One line whatever the message holds: it may quote what somebody typed.
    Console.Error.WriteLine($"MatchingEngine: {exception.Message.ReplaceLineEndings(" ")}");
    return exception.ExitCode;
}
catch (OutOfMemoryException exception)
{
    Console.Error.WriteLine($"MatchingEngine: {exception.Message.ReplaceLineEndings(" ")}");
    return 3;
}
