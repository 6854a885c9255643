using System.Globalization;
using SlabGen.Fuzz;

string[] rest = args is ["coverage" or "guided", ..] ? args[1..] : args;
double seconds = 10;
int seed = Environment.TickCount;

switch (args)
{
    case ["--help" or "-h"]:
        Console.WriteLine("""
            SlabGen.Fuzz [SECONDS [SEED]]            random scripts over the whole public interface
            SlabGen.Fuzz coverage [SECONDS [SEED]]   scripts that reach new code, by SharpFuzz
            SlabGen.Fuzz FILE                        one script, as a failure left it
            SLABGEN_FUZZ_TRACE=FILE                  write each step to a file before it is done
            """);
        return 0;
    case [var file] when File.Exists(file):
        World.Run(File.ReadAllBytes(file));
        return 0;
    case var _ when rest.Length > 0 && !(double.TryParse(rest[0], CultureInfo.InvariantCulture, out seconds) && seconds >= 0):
        return Refuse(rest[0], rest.Length == 1 && rest == args ? "neither a file nor a number of seconds" : "no number of seconds");
    case var _ when rest.Length > 1 && !int.TryParse(rest[1], CultureInfo.InvariantCulture, out seed):
        return Refuse(rest[1], $"no seed, a whole number from {int.MinValue} to {int.MaxValue}");
    case var _ when rest.Length > 2:
        return Refuse(rest[2], "one argument too many");
    case ["coverage", ..]:
        return Coverage.RunInstrumented(seconds.ToString(CultureInfo.InvariantCulture), seed.ToString(CultureInfo.InvariantCulture));
    case ["guided", ..]:
        Coverage.Run(seconds, seed);
        return 0;
    default:
        Scripts.RunRandom(seconds, seed);
        return 0;
}

static int Refuse(string argument, string reason)
{
    Console.Error.WriteLine($"SlabGen.Fuzz: '{argument}' is {reason}. --help shows what it takes.");
    return 2;
}
