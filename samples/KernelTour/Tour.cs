using SlabGen;

namespace KernelTour;

/// <summary>How a step is told, and held to its word.</summary>
internal static class Tour
{
    private static string s_step = "";

    /// <summary>A PC of 1 GiB with 32 bits, as the textbooks have it. Memory is only used where it is touched.</summary>
    public static SlabRuntime NewClassicMachine() => new(new SlabRuntimeOptions
    {
        Layout = ZoneLayout.Classic,
        MemoryLimit = 1 << 30,
        Processors = 1,
        HighMem = new HighMemOptions { MappedPages = 4 },
    });

    public static void Step(string title, string text)
    {
        s_step = title;
        Console.WriteLine($"\n== {title}\n{text}\n");
    }

    public static void Say(string line) => Console.WriteLine("   " + line);

    /// <summary>Ends the tour when something is not as it was told.</summary>
    public static void Check(bool condition, string claim)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"In step '{s_step}' it is not true that {claim}.");
        }
    }

    public static string MiB(long bytes) => FormattableString.Invariant($"{bytes / 1048576.0:0.#} MiB");
}
