using SlabGen;

namespace KernelTour;

/// <summary>Prints the steps, and checks their claims.</summary>
internal static class Tour
{
    private static string s_step = "";

    /// <summary>A 32-bit PC with 1 GiB, as in the textbooks. Memory is only used where it is touched.</summary>
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

    /// <summary>Ends the tour when a claim does not hold.</summary>
    public static void Check(bool condition, string claim)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"In step '{s_step}' it is not true that {claim}.");
        }
    }

    public static string MiB(long bytes) => FormattableString.Invariant($"{bytes / 1048576.0:0.#} MiB");
}
