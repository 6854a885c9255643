using System.Diagnostics;

namespace SlabGen.Fuzz;

/// <summary>Runs scripts one after the other. The one that runs is in a file: also a process that dies leaves it.</summary>
internal static class Scripts
{
    private static readonly string s_file = Path.Combine(Path.GetTempPath(), $"slabgen-fuzz-{Environment.ProcessId}.bin");

    public static void Run(byte[] script)
    {
        File.WriteAllBytes(s_file, script);
        try
        {
            World.Run(script);
        }
        catch
        {
            Console.Error.WriteLine($"Repeat it with: SlabGen.Fuzz {s_file}");
            throw;
        }

        File.Delete(s_file);
    }

    public static void RunRandom(double seconds, int seed)
    {
        var random = new Random(seed);
        long scripts = 0;
        for (var time = Stopwatch.StartNew(); time.Elapsed.TotalSeconds < seconds; scripts++)
        {
            byte[] script = new byte[random.Next(20, 1500)];
            random.NextBytes(script);
            Run(script);
        }

        Console.WriteLine($"{scripts} scripts, seed {seed}");
    }
}
