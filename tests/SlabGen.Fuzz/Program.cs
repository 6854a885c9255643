using System.Globalization;
using SlabGen.Fuzz;

double Seconds(int index) => args.Length > index ? double.Parse(args[index], CultureInfo.InvariantCulture) : 10;
int Seed(int index) => args.Length > index ? int.Parse(args[index], CultureInfo.InvariantCulture) : Environment.TickCount;

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
    case ["coverage", ..]:
        return Coverage.RunInstrumented(Seconds(1).ToString(CultureInfo.InvariantCulture), Seed(2).ToString(CultureInfo.InvariantCulture));
    case ["guided", ..]:
        Coverage.Run(Seconds(1), Seed(2));
        return 0;
    case [var file] when File.Exists(file):
        World.Run(File.ReadAllBytes(file));
        return 0;
    default:
        Scripts.RunRandom(Seconds(0), Seed(1));
        return 0;
}
