// A server that speaks Redis' protocol, once over slabs and once over ordinary objects.
//
//   dotnet run -c Release --project samples/KeyValueServer                       serves port 6379: try redis-cli
//   dotnet run -c Release --project samples/KeyValueServer -- --gc               the same over objects
//   dotnet run -c Release --project samples/KeyValueServer -- --compare          loads both, and redis-server, and compares
//
//   Network/      sockets and pipes: start at Connection.cs
//   Protocol/     what comes in and goes out, and how much of it may wait
//   Commands/     what each command does, the same for both kinds of storage
//   IKeyspace     what storage does
//   Slabs/        the storage that SlabGen is for: start at Table.cs and SlabKeyspace.cs
//   Objects/      the same as ordinary objects
//   Measuring/    the load, the report, the chart
//
// Exit codes: 0 done, 1 something is wrong with what was measured, 2 a bad option, 3 no memory, no port, or a file that cannot be written.

using KeyValueServer;
using KeyValueServer.Measuring;

try
{
    Options options = Options.Parse(args);
    switch (options.Mode)
    {
        case Mode.Help:
            Console.Out.Write(Options.HelpText);
            return 0;
        case Mode.Compare:
            return Comparison.Run(options);
        default:
            return await Serving.RunAsync(options).ConfigureAwait(false);
    }
}
catch (SampleException exception)
{
    // One line whatever the message holds: it may quote what somebody typed.
    Console.Error.WriteLine($"KeyValueServer: {exception.Message.ReplaceLineEndings(" ")}");
    return exception.ExitCode;
}
catch (OutOfMemoryException exception)
{
    Console.Error.WriteLine($"KeyValueServer: {exception.Message.ReplaceLineEndings(" ")}");
    return 3;
}
