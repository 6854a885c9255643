namespace SlabGen.Stress.Scenarios;

internal static class AllScenarios
{
    /// <summary>What a run is made of, unless it names scenarios.</summary>
    public static string[] Names { get; } = [.. Make().Select(scenario => scenario.Name)];

    /// <summary>Those of a run, each made anew.</summary>
    public static Scenario[] Make(string[] only) =>
        only.Length == 0 ? Make() : [.. Make().Concat(Broken.All.Select(what => new Broken(what))).Where(scenario => only.Contains(scenario.Name))];

    private static Scenario[] Make() =>
    [
        new Caches(), new Kmallocs(), new Handles(), new Moves(), new Mempools(), new Readers(), new Hoards(), new Generated(), new WholePages(),
        new Destroys(), new Runtimes(), new LowZones(), new ShortLives(), new PoolThreads(), new Contexts(), new Interrupts(), new Misuse(),
    ];
}
