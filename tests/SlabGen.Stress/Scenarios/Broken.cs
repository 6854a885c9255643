namespace SlabGen.Stress.Scenarios;

/// <summary>Not part of any run unless it is named: does what must be found, so that tests can see it found.</summary>
internal sealed class Broken(string what) : Scenario
{
    public static string[] All { get; } = ["broken-stamp", "broken-exception", "broken-leak", "broken-hang", "broken-thread"];

    public override string Name => what;

    public override void Run(Crew crew)
    {
        KmemCache cache = crew.Runtime.CreateCache(crew.NameOf("o"), 64);
        switch (what)
        {
            case "broken-stamp":
                crew.Start(worker => WriteToAnother(worker, cache));
                break;
            case "broken-exception":
                crew.Start(_ => throw new FormatException("not planned"));
                break;
            case "broken-leak":
                crew.Start(_ => crew.Round.Sightings.Add(cache.Alloc(GfpFlags.Kernel | GfpFlags.NoFail)));
                break;
            case "broken-hang":
                crew.Start(_ => Thread.Sleep(Timeout.Infinite));
                break;
            case "broken-thread":
                new Thread(() => throw new FormatException("of a thread of nobody")).Start();
                break;
            default:
                throw new InvalidOperationException($"There is no scenario {what}.");
        }

        crew.Join();
        Crew.Destroy(cache);
    }

    /// <summary>As one does who has a pointer to an object that was freed.</summary>
    private static unsafe void WriteToAnother(Worker worker, KmemCache cache)
    {
        nint address = cache.Alloc(GfpFlags.Kernel | GfpFlags.NoFail);
        ulong stamp = worker.NewStamp();
        Stamp.Write(address, 64, stamp);
        *(ulong*)(address + 56) = worker.NewStamp();
        Stamp.Check(address, 64, stamp, cache.Name);
    }
}
