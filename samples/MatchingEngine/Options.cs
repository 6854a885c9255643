using System.Globalization;

namespace MatchingEngine;

internal enum Command
{
    Measure,
    Check,
    Compare,
    Help,
}

/// <summary>The command line.</summary>
internal sealed record Options
{
    public const int MostMessages = 1_000_000_000;
    public const int MostResting = 40_000_000;

    public const string HelpText = """
        usage: MatchingEngine [--gc | --check | --compare] [options]

        Matches orders by price and time, over slabs, and measures it.

          --gc             the same engine over ordinary objects
          --check          runs both engines, untimed, and compares every trade and what rests at the end
          --compare        measures both engines, each in a process of its own, and checks that they did the same

          --messages N     messages in all (5,000,000)
          --resting N      how many of them build the book before the flow begins (a fifth)
          --seed N         chooses the messages (1)
          --json           one JSON object to a line
          --svg FILE       with --compare: draws what was measured
          --readme FILE    with --compare: writes what was measured between the two marks in FILE
          --help           this text

        messages/s         a first pass; the clock runs while the engine works, and stands while messages are generated
        latency            a second pass over the same messages, each timed alone; nobody waits in a queue
        pauses             of the collector, in the first pass: GC.GetTotalPauseDuration, read every 2,048 messages
        allocated          on the managed heap, by the engine alone, in the first pass
        resident           of the whole process, at most, in the first pass; and before the book is made, for comparison

        Exit codes: 0 done, 1 the engines differ or something was left, 2 a bad option, 3 out of memory or a file that cannot be written.

        """;

    public Command Command { get; private init; }

    public bool Gc { get; private init; }

    public int Messages { get; private init; } = 5_000_000;

    public int Resting { get; private init; }

    public int Seed { get; private init; } = 1;

    public bool Json { get; private init; }

    public string? Svg { get; private init; }

    public string? Readme { get; private init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="SampleException">Something in it is wrong; the message names it.</exception>
    public static Options Parse(ReadOnlySpan<string> arguments)
    {
        var options = new Options();
        int? resting = null;
        for (int i = 0; i < arguments.Length; i++)
        {
            string name = arguments[i];
            switch (name)
            {
                case "--gc":
                    options = options with { Gc = true };
                    break;
                case "--json":
                    options = options with { Json = true };
                    break;
                case "--check":
                    options = options.WithCommand(Command.Check);
                    break;
                case "--compare":
                    options = options.WithCommand(Command.Compare);
                    break;
                case "--help" or "-h":
                    return new Options { Command = Command.Help };
                case "--messages":
                    options = options with { Messages = Number(name, Value(arguments, ref i), 1, MostMessages) };
                    break;
                case "--resting":
                    resting = Number(name, Value(arguments, ref i), 1, MostResting);
                    break;
                case "--seed":
                    options = options with { Seed = Number(name, Value(arguments, ref i), 0, int.MaxValue) };
                    break;
                case "--svg":
                    options = options with { Svg = Value(arguments, ref i) };
                    break;
                case "--readme":
                    options = options with { Readme = Value(arguments, ref i) };
                    break;
                default:
                    throw Bad($"unknown option '{name}'; --help lists the options");
            }
        }

        options = options with { Resting = resting ?? Math.Clamp(options.Messages / 5, 1, MostResting) };
        options.Verify();
        return options;
    }

    private static string Value(ReadOnlySpan<string> arguments, ref int i)
    {
        string name = arguments[i];
        return ++i < arguments.Length && arguments[i] is { Length: > 0 } value ? value : throw Bad($"{name} needs a value");
    }

    private static int Number(string name, string text, int least, int most)
    {
        string digits = text.Replace(",", "", StringComparison.Ordinal);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw Bad($"{name} '{text}' is not a number from {least:N0} to {most:N0}");
    }

    private static SampleException Bad(string message) => new(message, 2);

    private Options WithCommand(Command command) =>
        Command == Command.Measure || Command == command ? this with { Command = command } : throw Bad("--check or --compare, not both");

    private void Verify()
    {
        if (Resting > Messages)
        {
            throw Bad($"--resting {Resting:N0} is more than --messages {Messages:N0}: the first messages build the book");
        }

        if (Gc && Command != Command.Measure)
        {
            throw Bad("--gc measures one engine; --check and --compare run both");
        }

        if (Command != Command.Compare && (Svg ?? Readme) is not null)
        {
            throw Bad($"{(Svg is null ? "--readme" : "--svg")} needs --compare: it shows both engines");
        }

        if (Command == Command.Check && Json)
        {
            throw Bad("--json does not go with --check, which measures nothing");
        }
    }
}
