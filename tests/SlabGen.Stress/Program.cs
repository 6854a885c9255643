using SlabGen.Stress;
using SlabGen.Stress.Scenarios;

if (!StressOptions.TryParse(args, AllScenarios.Names, Broken.All, out StressOptions? options, out string? refusal))
{
    Console.Error.WriteLine(refusal);
    Console.Error.WriteLine(StressOptions.Usage);
    return 2;
}

return new Session(options).Run();
