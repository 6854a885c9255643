using System.Globalization;

namespace SlabGen.PackageTests;

/// <summary>The first object of a process does not wait for the JIT to compile the allocator.</summary>
public sealed class StartTests(Package package)
{
    /// <summary>Methods for the first object, those of the user's and the framework's included. Without compiled code in the package they were 560.</summary>
    private const int MostMethods = 150;

    [Fact]
    public void First_object_compiles_few_methods()
    {
        Assert.SkipWhen(Package.Platform.Length == 0, "the package has no compiled code for this platform");
        string app = package.CopyConsumer("Start", "start");
        package.Dotnet(app, "build", "-c", "Release", "-o", "out").MustSucceed();
        string output = Package.Run("dotnet", app, Path.Combine("out", "Start.dll")).MustSucceed().Output.Trim();
        TestContext.Current.TestOutputHelper?.WriteLine($"methods, ms of the first object, ms of a second cache: {output}");
        Assert.InRange(int.Parse(output.Split(' ')[0], CultureInfo.InvariantCulture), 1, MostMethods);
    }
}
