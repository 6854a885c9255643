using System.Diagnostics;
using System.Globalization;
using SlabGen.Fuzz;

// SlabGen.Fuzz SECONDS [SEED]: random scripts. SlabGen.Fuzz FILE: one script.
if (args is [var file] && File.Exists(file))
{
    World.Run(File.ReadAllBytes(file));
    return 0;
}

double seconds = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 10;
int seed = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : Environment.TickCount;
var random = new Random(seed);
var time = Stopwatch.StartNew();
long scripts = 0;
for (; time.Elapsed.TotalSeconds < seconds; scripts++)
{
    byte[] script = new byte[random.Next(20, 1500)];
    random.NextBytes(script);
    File.WriteAllBytes(Path.Combine(Path.GetTempPath(), $"slabgen-fuzz-{Environment.ProcessId}.bin"), script);
    World.Run(script);
}

Console.WriteLine($"{scripts} scripts, seed {seed}");
return 0;
